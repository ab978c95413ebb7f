"""The partner's side of the demo: an SFTP server, an HTTPS receiver and a bucket, each with what it received."""
