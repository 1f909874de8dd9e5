"""Reading captures (pcap, pcapng): how many packets of which protocols, and who talked with whom; knows no Qt."""
