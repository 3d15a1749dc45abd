using System.Net;
using Tsunagi.Core.Net;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Core.Net;

/// <summary>When a datagram left and when it came in, as the kernel says it.</summary>
public class Stamped_sockets
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Tell_when_datagrams_left_and_came(string address)
    {
        var at = IPAddress.Parse(address);
        using var from = new StampedSocket(new IPEndPoint(at, 0), 1 << 16, TimeProvider.System);
        using var to = new StampedSocket(new IPEndPoint(at, 0), 1 << 16, TimeProvider.System);
        var sender = new Reader();
        var receiver = new Reader();
        await WarmAsync(to);
        var before = from.NowNanoseconds;
        for (var i = 0; i < 20; i++)
        {
            Assert.True(from.Send([(byte)i, 7], to.EndPoint.Serialize(), i == 3 ? (byte)46 : null, out var number));
            Assert.Equal((uint)i, number);
        }

        await Eventually.HoldsAsync(() => from.Receive(sender, TimeSpan.FromMilliseconds(1)) + to.Receive(receiver, TimeSpan.FromMilliseconds(1)) >= 0 && receiver.Came.Count == 20 && (sender.Left.Count == 20 || !from.HasKernelStamps));
        Assert.SkipUnless(from.HasKernelStamps, "this kernel gives no stamps");
        var after = from.NowNanoseconds;
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => (byte)i), receiver.Came.Select(static each => each.First));
        Assert.All(receiver.Came, each => Assert.True(each.Arrival is { IsKernels: true, Ttl: 255 } && each.Arrival.Destination!.Equals(at) && each.From.Equals(from.EndPoint), each.ToString()));
        Assert.Equal(46 << 2, receiver.Came[3].Arrival.TrafficClass);
        Assert.Equal(0, receiver.Came[4].Arrival.TrafficClass);
        for (uint i = 0; i < 20; i++)
        {
            Assert.InRange(sender.Left[i], before, receiver.Came[(int)i].Arrival.ReceivedAt);
            Assert.InRange(receiver.Came[(int)i].Arrival.ReceivedAt, before, after);
        }
    }

    // The kernel begins to stamp what comes a moment after the first socket of the machine has asked for it.
    private static async Task WarmAsync(StampedSocket to)
    {
        using var early = new StampedSocket(new IPEndPoint(to.EndPoint.Address, 0), 1 << 16, TimeProvider.System);
        var warm = new Reader();
        await Eventually.HoldsAsync(() => early.Send([0], to.EndPoint.Serialize(), null, out _) && to.Receive(warm, TimeSpan.FromMilliseconds(20)) > 0 && (warm.Came[^1].Arrival.IsKernels || !early.HasKernelStamps));
        while (to.Receive(warm, TimeSpan.FromMilliseconds(5)) > 0)
        {
            // None of them is left.
        }
    }

    [Fact]
    public async Task Count_on_when_the_kernel_refused_one()
    {
        using var from = new StampedSocket(new IPEndPoint(IPAddress.Loopback, 0), 1 << 16, TimeProvider.System);
        using var to = new StampedSocket(new IPEndPoint(IPAddress.Loopback, 0), 1 << 16, TimeProvider.System);
        Assert.SkipUnless(from.HasKernelStamps, "this kernel gives no stamps");
        var sender = new Reader();
        Assert.True(from.Send([1], to.EndPoint.Serialize(), out _));
        await Eventually.HoldsAsync(() => from.Receive(sender, TimeSpan.FromMilliseconds(1)) == 0 && sender.Left.Count == 1);
        sender.Left.Clear();
        Assert.False(from.Send(new byte[65_535], to.EndPoint.Serialize(), out _)); // longer than a datagram may be
        Assert.True(from.Send([2], to.EndPoint.Serialize(), out var number));
        await Eventually.HoldsAsync(() => from.Receive(sender, TimeSpan.FromMilliseconds(1)) == 0 && sender.Left.ContainsKey(number));
    }

    private sealed class Reader : IStampedReader
    {
        public List<(byte First, StampedArrival Arrival, IPEndPoint From)> Came { get; } = [];

        public Dictionary<uint, long> Left { get; } = [];

        public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress from, in StampedArrival arrival) =>
            Came.Add((datagram[0], arrival, (IPEndPoint)new IPEndPoint(from.Family == System.Net.Sockets.AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Create(from)));

        public void OnSent(uint number, long sentAt) => Left[number] = sentAt;
    }
}
