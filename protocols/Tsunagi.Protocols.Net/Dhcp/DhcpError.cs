namespace Tsunagi.Protocols.Net.Dhcp;

/// <summary>Why octets were not understood.</summary>
/// <param name="Reason">What was being read and what was wrong.</param>
/// <param name="Offset">The octet where reading stopped.</param>
public readonly record struct DhcpError(string Reason, int Offset);
