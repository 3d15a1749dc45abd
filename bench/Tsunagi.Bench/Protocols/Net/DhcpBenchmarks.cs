using System.Net;
using BenchmarkDotNet.Attributes;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Bench.Protocols.Net;

/// <summary>A REQUEST for an address and a prefix behind a relay, read and answered. <c>./tsunagi bench '*Dhcp*'</c>; reading and answering do not allocate, taking apart for people does.</summary>
[MemoryDiagnoser]
public class DhcpBenchmarks
{
    private readonly byte[] _request = new byte[512];
    private readonly byte[] _answer = new byte[1_500];
    private readonly IPAddress _address = IPAddress.Parse("2001:db8::1");
    private readonly IPNetwork _prefix = IPNetwork.Parse("2001:db8:100::/56");
    private int _length;

    [GlobalSetup]
    public void Write()
    {
        byte[] inner = new byte[256];
        var request = new Dhcp6Writer(inner, Dhcp6Type.Request, 7);
        request.Add(Dhcp6Code.ClientId, [0, 3, 0, 1, 2, 0, 0, 0, 0, 1]);
        request.Add(Dhcp6Code.ServerId, [0, 3, 0, 1, 2, 0, 0, 0, 0, 2]);
        request.End(request.BeginAssociation(Dhcp6Code.IaNa, 1, 0, 0));
        request.End(request.BeginAssociation(Dhcp6Code.IaPd, 1, 0, 0));
        request.TryFinish(out int length);
        var relay = new Dhcp6Writer(_request, Dhcp6Type.RelayForward, 0, _address.GetAddressBytes(), _address.GetAddressBytes());
        relay.Add(Dhcp6Code.InterfaceId, "Eth 1/2/3.100"u8);
        relay.Add(Dhcp6Code.RelayMessage, inner.AsSpan(0, length));
        relay.TryFinish(out _length);
    }

    [Benchmark]
    public bool Parse() => Dhcp6Message.TryParse(_request.AsSpan(0, _length), null, out Dhcp6Message message, out _) && message.TryClient(null, out Dhcp6Message client) && client.Options.TryFind(Dhcp6Code.ClientId, out _);

    [Benchmark]
    public bool Answer()
    {
        var reply = new Dhcp6Writer(_answer, Dhcp6Type.Reply, 7);
        reply.Add(Dhcp6Code.ClientId, _request.AsSpan(0, 10));
        int association = reply.BeginAssociation(Dhcp6Code.IaPd, 1, 1_800, 2_880);
        reply.End(reply.BeginPrefix(_prefix, 3_600, 7_200));
        reply.End(association);
        return reply.TryFinish(out _);
    }

    [Benchmark]
    public bool TakeApart() => DhcpDecoder.TryDecode(DhcpProtocol.Dhcp6, _request.AsSpan(0, _length), null, out _, out _);
}
