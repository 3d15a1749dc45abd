using System.Diagnostics;
using System.Text;
using System.Globalization;
using Tsunagi.Protocols.Net.Stamp;
using Tsunagi.Tests.Testing;

namespace Tsunagi.Tests.Protocols.Net.Stamp;

/// <summary>
/// scapy's codec of STAMP, which is nobody's of ours: it reads what we send and reflect in unauthenticated mode, with the TLVs, and its packets are read here. It has no authenticated mode; the HMACs of
/// that and of the HMAC TLV are made by Python's hmac. Version 2.5 looks for the length of the UDP datagram in the wrong place as soon as there are TLVs; the script shows it where it is.
/// </summary>
public sealed class Stamp_against_scapy : IDisposable
{
    private const string Python = "/usr/bin/python3";

    private const string Script = """
        import hashlib, hmac, sys
        from scapy.contrib.stamp import *
        from scapy.layers.inet import IP, UDP
        tests, replies, signed = [[bytes.fromhex(word) for word in line.split()] for line in open(sys.argv[1]).read().split('\n')[:3]]
        for kind in (STAMPSessionSenderTestUnauthenticated, STAMPSessionReflectorTestUnauthenticated):
            kind.fields_desc[-1].length_from = lambda pkt: pkt.underlayer.len - 8 - 44
        def tlvs(packet): return ','.join('%d:%d:%s' % (int(t.flags), t.type, bytes(t.value).hex()) for t in packet.tlv_objects)
        for octets in tests:
            p = UDP(bytes(UDP(sport=4711, dport=862) / octets))[STAMPSessionSenderTestUnauthenticated]
            print('T', p.seq, p.ssid, p.err_estimate.S, p.err_estimate.Z, p.err_estimate.scale, p.err_estimate.multiplier, p.mbz, tlvs(p), octets[4:12].hex())
        for octets in replies:
            p = UDP(bytes(UDP(sport=862, dport=4711) / octets))[STAMPSessionReflectorTestUnauthenticated]
            print('R', p.seq, p.ssid, p.seq_sender, p.ttl_sender, p.err_estimate.multiplier, p.err_estimate_sender.multiplier, p.mbz1, p.mbz2, tlvs(p))
        for octets in signed:
            at = len(octets) - 20
            print('H', hmac.new(b'0123456789abcdef', octets[:96], hashlib.sha256).digest()[:16] == octets[96:112], hmac.new(b'0123456789abcdef', octets[:4] + octets[112:at], hashlib.sha256).digest()[:16] == octets[at + 4:at + 20])
        for n in (1, 77, 4000000000):
            p = STAMPSessionSenderTestUnauthenticated(seq=n, ts=3913056000, ssid=n % 65536, err_estimate=ErrorEstimate(S=1, Z=0, scale=n % 64, multiplier=200), tlv_objects=[STAMPTestTLV(flags=0x80, type=7, len=16, value=bytes(16)), STAMPTestTLV(flags=0x80, type=99, len=3, value=b'abc')])
            print('S', bytes(p).hex())
            p = STAMPSessionReflectorTestUnauthenticated(seq=n, ts=3913056000, ts_rx=3913055999, seq_sender=5, ts_sender=3913055998, ssid=9, ttl_sender=61, err_estimate=ErrorEstimate(S=1, Z=0, scale=1, multiplier=2), err_estimate_sender=ErrorEstimate(S=0, Z=0, scale=3, multiplier=4))
            print('A', bytes(p).hex())
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Both_read_what_the_other_writes()
    {
        Assert.SkipUnless(File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/scapy"), "python3-scapy is not installed");
        byte[][] tests = [Stamp_packets.Test(StampMode.Unauthenticated, 7, 0x1234, null), Stamp_tlvs.Write(StampMode.Unauthenticated, null), Stamp_tlvs.Write(StampMode.Unauthenticated, new StampKey("0123456789abcdef"u8))];
        byte[][] replies = [Stamp_packets.Reflect(tests[0], StampMode.Unauthenticated, 99, null, 1, 2), Stamp_tlvs.Reflect(tests[1], StampMode.Unauthenticated, null)];
        var key = new StampKey("0123456789abcdef"u8);
        byte[] authenticated = Stamp_tlvs.Write(StampMode.Authenticated, key);
        byte[][] signed = [authenticated, Stamp_tlvs.Reflect(authenticated, StampMode.Authenticated, key)];
        string[] said = Ask(tests, replies, signed);

        // (1) theirs of ours
        Assert.Equal(tests.Select(Told), said.Where(static line => line[0] == 'T'));
        Assert.Equal(replies.Select(ToldReply), said.Where(static line => line[0] == 'R'));
        Assert.Equal(["H True True", "H True True"], said.Where(static line => line[0] == 'H'));

        // (2) ours of theirs
        Assert.Equal([1, 77, 4_000_000_000], said.Where(static line => line[0] == 'S').Select(static line =>
        {
            Assert.True(StampTest.TryParse(Convert.FromHexString(line[2..]), StampMode.Unauthenticated, null, null, out StampTest test, out _));
            Assert.Equal((ushort)(test.Sequence % 65_536), test.SessionId);
            Assert.Equal(((int)(test.Sequence % 64), 200, true), (test.ErrorEstimate.Scale, test.ErrorEstimate.Multiplier, test.ErrorEstimate.IsSynchronized));
            Assert.Equal(3_913_056_000 - 2_208_988_800, test.Timestamp.ToUnixNanoseconds(StampFormat.Ntp) / 1_000_000_000);
            Assert.True(test.Tlvs.TryFind(StampTlvType.FollowUpTelemetry, out StampTlv follow) && follow.Value.Length == 16 && test.Tlvs.TryFind((StampTlvType)99, out StampTlv other) && other.Value.SequenceEqual("abc"u8));
            return (long)test.Sequence;
        }));
        Assert.Equal(3, said.Where(static line => line[0] == 'A').Count(static line =>
            StampReply.TryParse(Convert.FromHexString(line[2..]), StampMode.Unauthenticated, null, null, out StampReply reply, out _) && (reply.SenderSequence, reply.SessionId, reply.SenderTtl) == (5, 9, 61)
            && reply.Timestamp.ToUnixNanoseconds(StampFormat.Ntp) - reply.Received.ToUnixNanoseconds(StampFormat.Ntp) == 1_000_000_000
            && reply.Received.ToUnixNanoseconds(StampFormat.Ntp) - reply.SenderTimestamp.ToUnixNanoseconds(StampFormat.Ntp) == 1_000_000_000 && reply.SenderErrorEstimate is { Multiplier: 4, Scale: 3 }));
    }

    private static string Told(byte[] octets)
    {
        Assert.True(StampTest.TryParse(octets, StampMode.Unauthenticated, null, null, out StampTest test, out _));
        StampErrorEstimate error = test.ErrorEstimate;
        return string.Create(CultureInfo.InvariantCulture, $"T {test.Sequence} {test.SessionId} {(error.IsSynchronized ? 1 : 0)} {(int)error.Format} {error.Scale} {error.Multiplier} 0 {Tlvs(test.Tlvs)} {test.Timestamp.Bits:x16}");
    }

    private static string ToldReply(byte[] octets)
    {
        Assert.True(StampReply.TryParse(octets, StampMode.Unauthenticated, null, null, out StampReply reply, out _));
        return string.Create(CultureInfo.InvariantCulture, $"R {reply.Sequence} {reply.SessionId} {reply.SenderSequence} {reply.SenderTtl} {reply.ErrorEstimate.Multiplier} {reply.SenderErrorEstimate.Multiplier} 0 0 {Tlvs(reply.Tlvs)}");
    }

    private static string Tlvs(StampTlvs tlvs)
    {
        var told = new List<string>();
        foreach (StampTlv tlv in tlvs)
        {
            told.Add(string.Create(CultureInfo.InvariantCulture, $"{(int)tlv.Flags}:{(int)tlv.Type}:{Convert.ToHexStringLower(tlv.Value)}"));
        }

        return string.Join(',', told);
    }

    private string[] Ask(params byte[][][] packets)
    {
        string script = Path.Combine(_directory.Path, "stamp.py"), file = Path.Combine(_directory.Path, "packets");
        File.WriteAllText(script, Script);
        File.WriteAllLines(file, packets.Select(static set => string.Join(' ', set.Select(Convert.ToHexString))));
        using var process = Process.Start(new ProcessStartInfo(Python, ["-W", "ignore", script, file]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = new StringBuilder();
        process.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
        process.BeginErrorReadLine();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.ToString());
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
