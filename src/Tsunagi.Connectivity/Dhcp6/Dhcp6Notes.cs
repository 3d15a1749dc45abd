using Tsunagi.Connectivity.Dhcp;

namespace Tsunagi.Connectivity.Dhcp6;

/// <summary>What operators are to be told of DHCPv6.</summary>
internal sealed class Dhcp6Notes(Dhcp6ServerOptions options, TimeProvider time) : DhcpNotes(options.EventEvery, options.StrangersToldPerHour, time);
