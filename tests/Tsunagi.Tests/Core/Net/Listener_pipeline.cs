using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Tsunagi.Core.Net;
using Tsunagi.Core.Net.Proxy;

namespace Tsunagi.Tests.Core.Net;

public sealed class Listener_pipeline
{
    private static readonly byte[] Refusal = "421 4.7.0 too many connections\r\n"u8.ToArray();

    [Fact]
    public async Task Connection_one_past_the_listener_limit_is_told_and_closed()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions { MaxConnections = 2, MaxPerAddress = 10 });
        await using var listener = await StartAsync(limits, proxy: null);
        await using var first = await listener.ConnectAsync();
        await using var second = await listener.ConnectAsync();
        Assert.StartsWith("hello", await ReadLineAsync(first), StringComparison.Ordinal);
        Assert.StartsWith("hello", await ReadLineAsync(second), StringComparison.Ordinal);

        await using var third = await listener.ConnectAsync();
        Assert.Equal("421 4.7.0 too many connections", await ReadLineAsync(third));
        Assert.Equal(0, await third.ReadAsync(new byte[1], TestContext.Current.CancellationToken));
        Assert.Equal(2, limits.Count);

        await first.DisposeAsync();
        await EventuallyAsync(() => limits.Count == 1);
        await using var fourth = await listener.ConnectAsync();
        Assert.StartsWith("hello", await ReadLineAsync(fourth), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_one_past_the_address_limit_is_refused()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions { MaxPerAddress = 1 });
        await using var listener = await StartAsync(limits, proxy: null);
        await using var first = await listener.ConnectAsync();
        Assert.StartsWith("hello", await ReadLineAsync(first), StringComparison.Ordinal);
        await using var second = await listener.ConnectAsync();
        Assert.StartsWith("421", await ReadLineAsync(second), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listed_sender_names_the_peer_and_the_limits_count_that_peer()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions { MaxPerAddress = 1 });
        await using var listener = await StartAsync(limits, new ProxyProtocolOptions { From = [IPNetwork.Parse("127.0.0.0/8")] });
        var destination = IPEndPoint.Parse("198.51.100.5:25");
        await using var first = await listener.ConnectAsync();
        await first.WriteAsync(ProxyHeader.Write(IPEndPoint.Parse("192.0.2.1:40000"), destination), TestContext.Current.CancellationToken);
        Assert.Equal("hello 192.0.2.1:40000 at 198.51.100.5:25", await ReadLineAsync(first));

        await using var other = await listener.ConnectAsync();
        await other.WriteAsync(ProxyHeader.Write(IPEndPoint.Parse("192.0.2.2:40000"), destination), TestContext.Current.CancellationToken);
        Assert.StartsWith("hello 192.0.2.2", await ReadLineAsync(other), StringComparison.Ordinal);

        await using var again = await listener.ConnectAsync();
        await again.WriteAsync(ProxyHeader.Write(IPEndPoint.Parse("192.0.2.1:40001"), destination), TestContext.Current.CancellationToken);
        Assert.StartsWith("421", await ReadLineAsync(again), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listed_sender_without_a_header_is_dropped_without_a_word()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions());
        await using var listener = await StartAsync(limits, new ProxyProtocolOptions { From = [IPNetwork.Parse("127.0.0.0/8")] });
        await using var peer = await listener.ConnectAsync();
        await peer.WriteAsync("EHLO attacker.example\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(string.Empty, await ReadLineAsync(peer));
        Assert.Equal(0, limits.Count);
    }

    [Fact]
    public async Task Listed_sender_that_is_too_slow_is_dropped()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions());
        var proxy = new ProxyProtocolOptions { From = [IPNetwork.Parse("127.0.0.0/8")], HeaderDeadline = TimeSpan.FromMilliseconds(100) };
        await using var listener = await StartAsync(limits, proxy);
        await using var peer = await listener.ConnectAsync();
        await peer.WriteAsync("\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(string.Empty, await ReadLineAsync(peer));
    }

    [Fact]
    public async Task Header_from_an_unlisted_sender_is_the_protocols_bad_input()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions());
        await using var listener = await StartAsync(limits, new ProxyProtocolOptions { From = [IPNetwork.Parse("192.0.2.0/24")] });
        await using var peer = await listener.ConnectAsync();
        await peer.WriteAsync(ProxyHeader.Write(IPEndPoint.Parse("192.0.2.1:1"), IPEndPoint.Parse("192.0.2.2:2")), TestContext.Current.CancellationToken);
        Assert.StartsWith("hello 127.0.0.1", await ReadLineAsync(peer), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_of_one_ipv6_64_are_one_peer_and_mapped_addresses_are_ipv4()
    {
        Assert.Equal(AddressGroup.Of(IPAddress.Parse("2001:db8::1")), AddressGroup.Of(IPAddress.Parse("2001:db8::ffff:1")));
        Assert.NotEqual(AddressGroup.Of(IPAddress.Parse("2001:db8::1")), AddressGroup.Of(IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Equal(AddressGroup.Of(IPAddress.Parse("::ffff:192.0.2.1")), AddressGroup.Of(IPAddress.Parse("192.0.2.1")));
        Assert.NotEqual(AddressGroup.Of(IPAddress.Parse("0.0.0.0")), AddressGroup.Of(IPAddress.Parse("::")));
        Assert.Equal("2001:db8::/64", AddressGroup.Of(IPAddress.Parse("2001:db8::1")).ToString());
        Assert.Equal("192.0.2.1", AddressGroup.Of(IPAddress.Parse("192.0.2.1")).ToString());
    }

    [Fact]
    public void Tenant_is_admitted_up_to_its_limit_and_again_after_one_left()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions { MaxPerTenant = 2 });
        var first = limits.TryEnterTenant("t_a/");
        Assert.NotNull(first);
        Assert.NotNull(limits.TryEnterTenant("t_a/"));
        Assert.Null(limits.TryEnterTenant("t_a/"));
        Assert.NotNull(limits.TryEnterTenant("t_b/"));
        first.Dispose();
        first.Dispose();
        Assert.NotNull(limits.TryEnterTenant("t_a/"));
        Assert.Null(limits.TryEnterTenant("t_a/"));
    }

    [Fact]
    public void Counts_are_exact_under_contention()
    {
        var limits = new ConnectionLimits("test", new ConnectionLimitOptions { MaxConnections = 7, MaxPerAddress = 5 });
        var peers = Enumerable.Range(0, 4).Select(i => new IPEndPoint(IPAddress.Parse($"192.0.2.{i}"), 1)).ToArray();
        Parallel.For(0, 50_000, i =>
        {
            if (limits.TryEnter(peers[i % 4], out var lease) == ConnectionLimitOutcome.Admitted)
            {
                Assert.InRange(limits.Count, 1, 7 + Environment.ProcessorCount);
                lease.Dispose();
            }
        });
        Assert.Equal(0, limits.Count);
    }

    private static Task<LoopbackListener> StartAsync(ConnectionLimits limits, ProxyProtocolOptions? proxy) =>
        LoopbackListener.StartAsync(
            listen => listen.UseListenerPipeline(limits, Refusal, proxy),
            async connection =>
            {
                var hello = Encoding.ASCII.GetBytes($"hello {connection.RemoteEndPoint} at {connection.LocalEndPoint}\r\n");
                await connection.Transport.Output.WriteAsync(hello, connection.ConnectionClosed);
                while (!(await connection.Transport.Input.ReadAsync(connection.ConnectionClosed)).IsCompleted)
                {
                    connection.Transport.Input.AdvanceTo(default);
                }
            });

    internal static async Task<string> ReadLineAsync(Stream stream)
    {
        var line = new List<byte>();
        var one = new byte[1];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            while (await stream.ReadAsync(one, deadline.Token) == 1 && one[0] != '\n')
            {
                line.Add(one[0]);
            }
        }
        catch (IOException)
        {
            // A reset is how an aborted connection ends.
        }

        return Encoding.ASCII.GetString([.. line]).TrimEnd('\r');
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        for (var round = 0; round < 500 && !holds(); round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.True(holds());
    }
}
