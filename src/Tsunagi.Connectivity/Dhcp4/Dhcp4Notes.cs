using Tsunagi.Connectivity.Dhcp;

namespace Tsunagi.Connectivity.Dhcp4;

/// <summary>What operators are to be told of DHCPv4.</summary>
internal sealed class Dhcp4Notes(Dhcp4ServerOptions options, TimeProvider time) : DhcpNotes(options.EventEvery, options.StrangersToldPerHour, time);
