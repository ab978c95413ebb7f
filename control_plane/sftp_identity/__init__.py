"""The identity provider of the SFTP server."""
