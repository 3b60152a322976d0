"""The only place with sockets, a loop and clocks: connect, listen, and the pump between socket and channel."""
