"""What the TLS engine borrows: hashes, ciphers, key exchange and signatures of `cryptography` and the standard library.

No primitive is made here. What is ours are the constructions over them (HKDF-Expand-Label, the TLS 1.2 PRF), held to
the vectors of the RFCs.
"""
