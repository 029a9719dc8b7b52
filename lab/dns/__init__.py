"""The site's DNS, played by real CoreDNS processes on loopback."""
