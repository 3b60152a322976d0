"""From shared secrets to traffic keys: the key schedules of TLS 1.3 and 1.2, and the key log that records them."""
