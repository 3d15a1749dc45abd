using System.Net;
using System.Net.Sockets;
using Tsunagi.Host.Resolver;
using Tsunagi.Protocols.Mail.Lookup;
using Tsunagi.Protocols.Net.Dns;

namespace Tsunagi.Tests.Host.Resolver;

/// <summary>The lookup of routes over UDP to a resolver that answers as the test says.</summary>
public class Routes_asked_of_a_resolver
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tell_validated_answers_aliases_and_failures_apart()
    {
        using var resolver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var serving = ServeAsync(resolver, over.Token);
        var lookup = new DnsRouteLookup(new StubResolver([(IPEndPoint)resolver.Client.LocalEndPoint!], TimeProvider.System));

        var mx = await lookup.ExchangesAsync("signed.example", Cancel);
        Assert.Equal((MailDnsStatus.Found, true, ""), (mx.Status, mx.IsSecure, mx.CanonicalName));
        Assert.Equal([new MailExchange(10, "mx.signed.example")], mx.Values);
        Assert.Equal(TimeSpan.FromSeconds(30), mx.Ttl);

        var addresses = await lookup.AddressesAsync("alias.signed.example", AddressFamily.InterNetwork, Cancel);
        Assert.Equal(("mx.signed.example", false), (addresses.CanonicalName, addresses.IsSecure));
        Assert.Equal([IPAddress.Parse("192.0.2.1")], addresses.Values);

        var tlsa = await lookup.TlsaAsync("_25._tcp.mx.signed.example", Cancel);
        Assert.Equal("3 1 1 " + new string('a', 64), Assert.Single(tlsa.Values).ToString());

        var bogus = await lookup.TlsaAsync("_25._tcp.bogus.example", Cancel);
        Assert.Equal((MailDnsStatus.TempError, "SERVFAIL"), (bogus.Status, bogus.Problem));
        Assert.Equal(MailDnsStatus.NameError, (await lookup.TextsAsync("gone.example", Cancel)).Status);
        Assert.Equal(MailDnsStatus.NoData, (await lookup.TextsAsync("signed.example", Cancel)).Status);
        await over.CancelAsync();
        await serving;
    }

    private static async Task ServeAsync(UdpClient resolver, CancellationToken cancellationToken)
    {
        var buffer = new byte[1_232];
        try
        {
            while (true)
            {
                var asked = await resolver.ReceiveAsync(cancellationToken);
                Assert.True(DnsMessageReader.TryRead(asked.Buffer, null, out var query, out _));
                Assert.True(query!.AuthenticData);
                Assert.True(DnsMessageWriter.TryWrite(Answer(query), buffer, out var length));
                await resolver.SendAsync(buffer.AsMemory(0, length), asked.RemoteEndPoint, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static DnsMessage Answer(DnsMessage query)
    {
        var (name, type) = (query.Questions[0].Name, query.Questions[0].Type);
        var answer = new DnsMessage { Id = query.Id, IsResponse = true, RecursionAvailable = true, Questions = query.Questions, AuthenticData = true };
        return (name.ToString().TrimEnd('.'), type) switch
        {
            ("signed.example", DnsType.Mx) => answer with { Answers = [new DnsRecord(name, 30, new DnsMxContent(10, Name("mx.signed.example")))] },
            ("signed.example", _) => answer,
            ("alias.signed.example", DnsType.A) => answer with
            {
                AuthenticData = false, Answers = [new DnsRecord(name, 300, new DnsNameContent(DnsType.Cname, Name("mx.signed.example"))), new DnsRecord(Name("mx.signed.example"), 300, new DnsAddressContent(IPAddress.Parse("192.0.2.1")))],
            },
            ("_25._tcp.mx.signed.example", DnsType.Tlsa) => answer with { Answers = [new DnsRecord(name, 300, new DnsTlsaContent(3, 1, 1, Convert.FromHexString(new string('a', 64))))] },
            ("_25._tcp.bogus.example", _) => answer with { ResponseCode = DnsResponseCode.ServerFailure },
            _ => answer with { ResponseCode = DnsResponseCode.NameError },
        };
    }

    private static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name! : throw new ArgumentException(text, nameof(text));
}
