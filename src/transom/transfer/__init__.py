"""Moving files: the server of a folder, the download and the upload of a file, over any channel."""
