using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using Tsunagi.Protocols.Cpe.Arms;
using Tsunagi.Routers.Heartbeats;
using Tsunagi.Routers.Meters;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Routers;

/// <summary>What a node takes of heartbeats, what it does not, and what it holds of a box.</summary>
public class Heartbeat_book
{
    private const long Second = 1_000_000;
    private const long Minute = 60 * Second;
    private const long Start = 29_700_000 * Minute;
    private static readonly byte[] Passphrase = "0123456789abcdef0123456789abcdef"u8.ToArray();
    private static readonly DistributionId Id = new(77);

    [Fact]
    public void The_recorded_heartbeat_is_taken_with_its_load_memory_and_traffic()
    {
        string? path = SharedFiles.Find("data/routers/arms/heartbeat-1.bin");
        Assert.SkipWhen(path is null, "the recorded heartbeat is not here (TSUNAGI_SHARED)");
        byte[] datagram = File.ReadAllBytes(path!);
        Assert.True(Heartbeat.TryRead(datagram, "hbpass"u8, out Heartbeat? recorded));
        var book = new HeartbeatBook(new HeartbeatOptions());
        Assert.Equal(HeartbeatOutcome.Unknown, book.Take(datagram, 1, Start));

        // A passphrase that is shorter than ours is the same with noughts behind it (RFC 2104).
        book.Put(Box(recorded!.DistributionId, "hbpass"u8.ToArray()), Start);
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(datagram, ((UInt128)0xFFFF << 32) | 0x7F00_0001, Start));
        HeartbeatReading reading = book.Read(recorded.DistributionId)!;
        var cpus = recorded.Records.Where(static record => record.Type == HeartbeatType.Cpu).Select(static record => (int)record.Value.Span[2]).ToList();
        Assert.Equal((4, cpus.Sum() / 4), (cpus.Count, (int)reading.Cpu));
        Assert.Equal(("127.0.0.1", Start), (reading.Address, reading.HeardAt));
        Assert.True(HeartbeatSpace.TryRead(recorded.Records.First(static record => record.Type == HeartbeatType.Memory).Value.Span, out HeartbeatSpace memory));
        Assert.Equal(((long)memory.Used, (long)memory.Available), (reading.MemoryUsed, reading.MemoryAvailable));
        Assert.Equal([0, 1, 2], reading.Interfaces.Select(static one => one.Index));
        Assert.True(HeartbeatTraffic.TryRead(recorded.Records.First(static record => record.Type == HeartbeatType.TrafficCount).Value.Span, out HeartbeatTraffic traffic));
        Assert.Equal(((decimal)traffic.InOctets, (decimal)traffic.OutOctets), (reading.Interfaces[0].InOctets, reading.Interfaces[0].OutOctets));
        Assert.Null(reading.Interfaces[0].InBps);
    }

    [Fact]
    public void Nothing_is_believed_before_the_hmac_is()
    {
        HeartbeatBook book = Known();
        Assert.Equal(HeartbeatOutcome.Unread, book.Take("nothing"u8, 1, Start));
        byte[] wrong = Beat(1_000, passphrase: "another"u8.ToArray());
        Assert.Equal(HeartbeatOutcome.PerhapsNewKey, book.Take(wrong, 1, Start));
        Assert.Equal(HeartbeatOutcome.WrongKey, book.Take(wrong, 1, Start + Second));
        Assert.Empty(book.TakeTroubles(10));
        Assert.Null(book.Read(Id));

        // Not told right after a pull, when the passphrase before may still be on its way; then once an hour.
        Refused(wrong, 5);
        Refused(wrong, 6);
        Assert.Equal("wrong-hmac", Assert.Single(book.TakeTroubles(10)).Why);
        Refused(wrong, 66);
        Assert.Single(book.TakeTroubles(10));

        // One whose records go beyond its end is none, however genuine.
        byte[] broken = new Heartbeat { DistributionId = Id, Records = [new HeartbeatRecord(0x33, new byte[3]), new HeartbeatRecord(0x33, new byte[60])] }.Write(Passphrase)[..^1];
        Refused(broken, 67);
        Assert.Equal(HeartbeatOutcome.Unread, book.Take(Resigned(broken), 1, Start + (68 * Minute)));
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(1_000), 1, Start + (69 * Minute)));

        // The store is asked for a new passphrase, and it has none.
        void Refused(byte[] datagram, int minute)
        {
            Assert.Equal(HeartbeatOutcome.PerhapsNewKey, book.Take(datagram, 1, Start + (minute * Minute)));
            Assert.Equal(HeartbeatOutcome.WrongKey, book.Take(datagram, 1, Start + (minute * Minute) + Second));
        }
    }

    [Fact]
    public void A_new_passphrase_ends_the_one_before()
    {
        HeartbeatBook book = Known();
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(1_000), 1, Start));
        book.Put(Box(Id, "fedcba9876543210fedcba9876543210"u8.ToArray()) with { KeyedAt = Start + Second }, Start + Second);
        Assert.Equal(HeartbeatOutcome.PerhapsNewKey, book.Take(Beat(2_000), 1, Start + Minute));

        // It has started anew meanwhile: its counters too, and it does not wait for half an interval.
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(10, passphrase: "fedcba9876543210fedcba9876543210"u8.ToArray()), 1, Start + (2 * Second)));
        Assert.Null(book.Read(Id)!.Interfaces[0].InBps);

        // What another node read a moment before does not bring the former one back.
        book.Put(Box(Id, Passphrase), Start + Minute);
        Assert.NotEqual(HeartbeatOutcome.Heard, book.Take(Beat(3_000), 1, Start + (3 * Minute)));
    }

    [Fact]
    public void What_is_sent_again_is_not_taken()
    {
        HeartbeatBook book = Known();
        byte[] first = Beat(1_000), second = Beat(61_000);
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(first, 1, Start));
        Assert.Equal(HeartbeatOutcome.Early, book.Take(second, 1, Start + (29 * Second)));
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(second, 1, Start + Minute));
        Assert.Equal(8_000, book.Read(Id)!.Interfaces[0].InBps!.Value, 1.0);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(HeartbeatOutcome.Older, book.Take(first, 2, Start + ((2 + i) * Minute)));
        }

        Assert.Equal("older", Assert.Single(book.TakeTroubles(10)).Why);
        Assert.Equal(Start + Minute, book.Read(Id)!.HeardAt);
    }

    [Fact]
    public void Counters_that_began_anew_are_believed_once_they_go_on()
    {
        HeartbeatBook book = Known();
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(9_000_000), 1, Start));
        Assert.Equal(HeartbeatOutcome.Older, book.Take(Beat(100), 1, Start + Minute));
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(200), 1, Start + (2 * Minute)));
        Assert.Null(book.Read(Id)!.Interfaces[0].InBps);
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(60_200), 1, Start + (3 * Minute)));
        Assert.Equal(8_000, book.Read(Id)!.Interfaces[0].InBps!.Value, 1.0);
    }

    [Theory]
    [InlineData(5UL, 9UL, 4UL)]
    [InlineData(0xFFFF_FFF0UL, 0x10UL, 0x20UL)]
    [InlineData(0x7FFF_FFFFUL, 0x10UL, null)]
    [InlineData(0x1_0000_0000UL, 0x10UL, null)]
    public void A_counter_of_32_bits_may_begin_anew(ulong former, ulong now, ulong? since) => Assert.Equal(since, HeartbeatCounter.Since(former, now));

    [Fact]
    public void A_node_holds_so_many_boxes_and_so_many_unknown_ids()
    {
        var book = new HeartbeatBook(new HeartbeatOptions { MaxBoxes = 600 });
        for (int i = 1; i <= 601; i++)
        {
            book.Put(Box(new DistributionId((UInt128)i), Passphrase), Start);
        }

        Assert.Equal(600, book.Count);
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(1, new DistributionId(600)), 1, Start));
        Assert.Equal(HeartbeatOutcome.Nobody, book.Take(Beat(1, new DistributionId(601)), 1, Start));

        // One that leaves makes room; its state is nobody else's.
        book.Forget(new DistributionId(600).ToString());
        book.Put(Box(new DistributionId(601), Passphrase), Start);
        Assert.Null(book.Read(new DistributionId(601)));
        Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat(1, new DistributionId(601)), 1, Start));
        HeartbeatKept kept = Assert.Single(book.TakeDirty(10, Start));
        Assert.Equal((UInt128)601, kept.Id);

        var free = new HeartbeatBook(new HeartbeatOptions());
        for (int i = 0; i <= HeartbeatBook.MostUnknown; i++)
        {
            free.PutUnknown((UInt128)i, Start, Start);
        }

        Assert.Equal(HeartbeatOutcome.Nobody, free.Take(Beat(1, new DistributionId(HeartbeatBook.MostUnknown)), 1, Start));
        Assert.Equal(HeartbeatOutcome.Unknown, free.Take(Beat(1, new DistributionId(HeartbeatBook.MostUnknown)), 1, Start + (2 * Minute)));
        Assert.Equal(HeartbeatOutcome.Unknown, free.Take(Beat(1, new DistributionId(5)), 1, Start));
    }

    [Fact]
    public void The_last_hour_is_held_by_the_minute_and_kept_as_text()
    {
        HeartbeatBook book = Known();
        for (int minute = 0; minute < 90; minute++)
        {
            if (minute is not (70 or 71))
            {
                Assert.Equal(HeartbeatOutcome.Heard, book.Take(Beat((ulong)(1_000 + (minute * 7_500)), cpu: (byte)minute), 1, Start + (minute * Minute)));
            }
        }

        HeartbeatMinutes minutes = book.Read(Id)!.Minutes;
        long first = Start / Minute;
        Assert.Equal(HeartbeatMinutes.NoPercent, minutes.At(first + 29).Cpu);
        Assert.Equal(30, minutes.At(first + 30).Cpu);
        Assert.Equal(89, minutes.At(first + 89).Cpu);
        Assert.Equal(25, minutes.At(first + 89).Memory);
        Assert.Equal(HeartbeatMinutes.NoPercent, minutes.At(first + 70).Cpu);
        Assert.Null(minutes.At(first + 71).In(0));
        Assert.Equal(1_000, minutes.At(first + 89).In(0)!.Value, 4.0);
        Assert.Equal(HeartbeatMinutes.NoPercent, minutes.At(first + 90).Cpu);

        HeartbeatKept kept = Assert.Single(book.TakeDirty(10, Start + (100 * Minute)));
        HeartbeatMinutes again = HeartbeatMinutes.Of(kept.Hour!, kept.Minute);
        for (int minute = 0; minute < 100; minute++)
        {
            Assert.Equal((minutes.At(first + minute).Cpu, minutes.At(first + minute).In(0)), (again.At(first + minute).Cpu, again.At(first + minute).In(0)));
        }

        Assert.Equal(0, HeartbeatMinutes.Of("of another make", 5).Newest);
        Assert.Empty(book.TakeDirty(10, Start + (100 * Minute)));

        // What could not be kept is told again, with its hour.
        book.PutBack([kept]);
        Assert.Equal(kept.Hour, Assert.Single(book.TakeDirty(10, Start + (100 * Minute))).Hour);
    }

    [Fact]
    public void A_restart_goes_on_with_the_counters_that_were_kept()
    {
        HeartbeatBook book = Known();
        book.Take(Beat(61_000), 1, Start);
        HeartbeatKept kept = Assert.Single(book.TakeDirty(10, Start));
        var again = new HeartbeatBook(new HeartbeatOptions());
        again.Put(Box(Id, Passphrase) with { HeardAt = kept.HeardAt, Counters = HeartbeatInterfaces.Counters(kept.Interfaces) }, Start);
        Assert.Equal(HeartbeatOutcome.Older, again.Take(Beat(1_000), 1, Start + Minute));
        Assert.Equal(HeartbeatOutcome.Heard, again.Take(Beat(121_000), 1, Start + Minute));
        Assert.Equal(8_000, again.Read(Id)!.Interfaces[0].InBps!.Value, 1.0);
        Assert.Equal([(0, 121_000m, 121m)], HeartbeatInterfaces.Read(Assert.Single(again.TakeDirty(10, Start)).Interfaces).Select(static one => (one.Index, one.InOctets, one.OutOctets)));
    }

    [Fact]
    public void So_many_wait_for_the_store_and_one_more_is_left_out()
    {
        using var metrics = new RouterMetrics();
        using var lookups = new HeartbeatLookups(null!, null!, Known(), metrics, TimeProvider.System, NullLogger<HeartbeatLookups>.Instance);
        byte[] datagram = Beat(1);
        for (int i = 0; i < HeartbeatLookups.MostWaiting; i++)
        {
            Assert.True(lookups.TryAsk(datagram, 1));
        }

        Assert.False(lookups.TryAsk(datagram, 1));
    }

    [Theory]
    [InlineData("127.0.0.1:0", true, false)]
    [InlineData("[2001:db8::5]:8444", true, true)]
    [InlineData("2001:db8::5:8444", false, false)]
    [InlineData("beats.example:8444", false, false)]
    [InlineData("127.0.0.1", false, false)]
    public void Addresses_are_numbers_with_a_port(string address, bool isListened, bool isTold)
    {
        Assert.Equal(isListened, new HeartbeatOptions { Listen = [address] }.Check() is null);
        Assert.Equal(isTold, new HeartbeatOptions { Servers = [address] }.Check() is null);
    }

    [Fact]
    public void A_box_takes_less_than_two_kilobytes() => Assert.InRange(Unsafe.SizeOf<HeartbeatRow>(), 1_080, 1_700);

    [Fact]
    public void What_came_at_an_address_is_told_by_it()
    {
        Assert.Equal("192.0.2.7", HeartbeatAddress.Text(HeartbeatAddress.Of(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.7"), 8444).Serialize())));
        Assert.Equal("2001:db8::7", HeartbeatAddress.Text(HeartbeatAddress.Of(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("2001:db8::7"), 8444).Serialize())));
        Assert.Equal("", HeartbeatAddress.Text(0));
    }

    /// <summary>With the right HMAC for what it is now (over itself with noughts in its place).</summary>
    private static byte[] Resigned(byte[] datagram)
    {
        byte[] signed = [.. datagram];
        signed.AsSpan(4, 20).Clear();
#pragma warning disable CA5350 // the protocol's
        System.Security.Cryptography.HMACSHA1.HashData(Passphrase, (byte[])[.. signed]).CopyTo(signed, 4);
#pragma warning restore CA5350
        return signed;
    }

    private static HeartbeatBook Known()
    {
        var book = new HeartbeatBook(new HeartbeatOptions());
        book.Put(Box(Id, Passphrase), Start);
        return book;
    }

    private static HeartbeatBox Box(DistributionId id, byte[] passphrase) => new(id, "rt_" + id.Value, Start, Start, passphrase, 0, default, default);

    private static byte[] Beat(ulong octets, DistributionId? id = null, byte[]? passphrase = null, byte cpu = 5) => new Heartbeat
    {
        DistributionId = id ?? Id,
        Records =
        [
            new HeartbeatCpu(0, cpu).ToRecord(), new HeartbeatSpace(0, 25, 75).ToRecord(HeartbeatType.Memory), new HeartbeatTraffic(0, octets, octets / 1_000, 0, 0, 0, 0).ToRecord(HeartbeatType.TrafficCount),
            new HeartbeatRecord(0x7777, new byte[5]), new HeartbeatRecord(HeartbeatType.Cpu, new byte[9]),
        ],
    }.Write(passphrase ?? Passphrase);
}
