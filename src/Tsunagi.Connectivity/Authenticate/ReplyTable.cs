using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Tsunagi.Connectivity.Contract;
using Tsunagi.Protocols.Net.Radius;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>
/// How each dialect is told of speeds and of walled gardens. What the standard has is said in the standard's attributes to everyone; here is the rest, one row a dialect.
/// </summary>
internal static class ReplyTable
{
    private const uint Cisco = 9;
    private const uint Erx = 4874;
    private const uint Huawei = 2011;
    private const uint Mikrotik = 14988;
    private const uint Wispr = 14122;

    private delegate void Tell(ref RadiusWriter writer, LinePlan plan, string? garden);

    private static readonly ImmutableDictionary<NasDialect, Tell> Rows = new Dictionary<NasDialect, Tell>
    {
        [NasDialect.Standard] = static (ref writer, _, garden) => Filter(ref writer, garden),
        [NasDialect.MikroTik] = TellMikroTik,
        [NasDialect.Cisco] = TellCisco,
        [NasDialect.Juniper] = TellJuniper,
        [NasDialect.Huawei] = TellHuawei,
        [NasDialect.AccelPpp] = TellAccelPpp,
        [NasDialect.WISPr] = TellWispr,
    }.ToImmutableDictionary();

    /// <summary>
    /// The attributes of an Access-Accept that are the same at every session of a line, encoded; made once for a line's record and dialect. Null when the record's own attributes do
    /// not go into a packet: then there is no answer, and the reason is kept.
    /// </summary>
    public static byte[] For(Line line, Nas nas, TimeSpan interim, bool isWalled)
    {
        ref var ready = ref line.Ready.Of(nas.Dialect, isWalled);
        if (ready is Ready made && made.Garden == nas.WalledGarden)
        {
            return made.Octets;
        }

        var octets = Make(line, nas, interim, isWalled);
        ready = new Ready(octets, nas.WalledGarden);
        return octets;
    }

    private static byte[] Make(Line line, Nas nas, TimeSpan interim, bool isWalled)
    {
        var buffer = new byte[4_096];
        var writer = new RadiusWriter(buffer, RadiusCode.AccessAccept, 0);
        writer.Add(RadiusType.ServiceType, 2);
        writer.Add(RadiusType.Class, LineClass.Of(line));
        Number(ref writer, RadiusType.SessionTimeout, line.Plan.SessionTimeout);
        Number(ref writer, RadiusType.IdleTimeout, line.Plan.IdleTimeout);
        Number(ref writer, RadiusType.AcctInterimInterval, line.Plan.InterimInterval ?? interim);
        Addresses(ref writer, line.Addresses);
        Rows[nas.Dialect](ref writer, isWalled ? LinePlan.Unlimited : line.Plan, isWalled ? nas.WalledGarden : null);
        foreach (var reply in isWalled ? [] : line.Replies)
        {
            // What the dictionary does not know, or what is no value of it, was refused when it was entered or is shown by the line's page; the rest of the answer counts.
            if (RadiusEncoder.TryMake(RadiusDictionary.Standard, reply.Name, reply.Value, out var pair, out _)
                && pair!.Definition?.Encryption is null or RadiusEncryption.None
                && RadiusEncoder.TryEncode([pair], RadiusDictionary.Standard, null, null, out var attributes, out _))
            {
                writer.AddEncoded(attributes);
            }
        }

        return writer.Fits ? buffer[RadiusPacket.HeaderOctets..writer.Written] : throw new InvalidOperationException($"the answer for line {line.LineId} is longer than a packet");
    }

    private static void Addresses(ref RadiusWriter writer, LineAddresses addresses)
    {
        if (addresses.V4 is { } v4)
        {
            writer.Add(RadiusType.FramedIpAddress, v4);
        }

        if (addresses.V4Netmask is { } netmask)
        {
            writer.Add(RadiusType.FramedIpNetmask, netmask);
        }

        if (addresses.V6 is { } v6)
        {
            writer.Add(RadiusType.FramedIpv6Address, v6);
        }

        if (addresses.LinkPrefix is { } link)
        {
            writer.Add(RadiusType.FramedIpv6Prefix, link);
        }

        if (addresses.DelegatedPrefix is { } delegated)
        {
            writer.Add(RadiusType.DelegatedIpv6Prefix, delegated);
        }

        foreach (var route in addresses.Routes)
        {
            writer.Add(route.Contains(':', StringComparison.Ordinal) ? RadiusType.FramedIpv6Route : RadiusType.FramedRoute, route);
        }
    }

    // Mikrotik-Rate-Limit is "receive/transmit" as the router sees it: what the customer sends comes first.
    private static void TellMikroTik(ref RadiusWriter writer, LinePlan plan, string? garden)
    {
        if (plan.UpBps is not null || plan.DownBps is not null)
        {
            Vendor(ref writer, Mikrotik, 8, $"{Kilobits(plan.UpBps)}/{Kilobits(plan.DownBps)}");
        }

        if (garden is not null)
        {
            Vendor(ref writer, Mikrotik, 19, garden);
        }
    }

    private static void TellCisco(ref RadiusWriter writer, LinePlan plan, string? garden)
    {
        if (plan.DownBps is { } down)
        {
            Vendor(ref writer, Cisco, 1, $"lcp:interface-config#1=rate-limit output {Whole(down)} {Burst(down)} {Burst(down)} conform-action transmit exceed-action drop");
        }

        if (plan.UpBps is { } up)
        {
            Vendor(ref writer, Cisco, 1, $"lcp:interface-config#2=rate-limit input {Whole(up)} {Burst(up)} {Burst(up)} conform-action transmit exceed-action drop");
        }

        if (garden is not null)
        {
            Vendor(ref writer, Cisco, 1, "ip:inacl=" + garden);
        }
    }

    // Services of the router's own dynamic profiles: "speed(down,up)" in bits a second, and the walled garden's by its name. The attribute begins with a tag.
    private static void TellJuniper(ref RadiusWriter writer, LinePlan plan, string? garden)
    {
        if (plan.UpBps is not null || plan.DownBps is not null)
        {
            Vendor(ref writer, Erx, 65, $"\u0001speed({Whole(plan.DownBps ?? 0)},{Whole(plan.UpBps ?? 0)})");
        }

        if (garden is not null)
        {
            Vendor(ref writer, Erx, 65, "\u0002" + garden);
        }
    }

    private static void TellHuawei(ref RadiusWriter writer, LinePlan plan, string? garden)
    {
        if (plan.UpBps is { } up)
        {
            Vendor(ref writer, Huawei, 1, up);
            Vendor(ref writer, Huawei, 2, up);
        }

        if (plan.DownBps is { } down)
        {
            Vendor(ref writer, Huawei, 4, down);
            Vendor(ref writer, Huawei, 5, down);
        }

        Filter(ref writer, garden);
    }

    // Its shaper takes Filter-Id as "down/up" in kilobits; a walled garden is a pool of its own there.
    private static void TellAccelPpp(ref RadiusWriter writer, LinePlan plan, string? garden)
    {
        if (plan.UpBps is not null || plan.DownBps is not null)
        {
            writer.Add(RadiusType.FilterId, string.Create(CultureInfo.InvariantCulture, $"{(plan.DownBps ?? 0) / 1_000}/{(plan.UpBps ?? 0) / 1_000}"));
        }

        if (garden is not null)
        {
            writer.Add(RadiusType.FramedPool, garden);
        }
    }

    private static void TellWispr(ref RadiusWriter writer, LinePlan plan, string? garden)
    {
        if (plan.UpBps is { } up)
        {
            Vendor(ref writer, Wispr, 7, up);
        }

        if (plan.DownBps is { } down)
        {
            Vendor(ref writer, Wispr, 8, down);
        }

        if (garden is not null)
        {
            Vendor(ref writer, Wispr, 4, garden);
        }
    }

    private static void Filter(ref RadiusWriter writer, string? garden)
    {
        if (garden is not null)
        {
            writer.Add(RadiusType.FilterId, garden);
        }
    }

    private static void Number(ref RadiusWriter writer, byte type, TimeSpan? value)
    {
        if (value is { } seconds && seconds > TimeSpan.Zero)
        {
            writer.Add(type, (uint)Math.Min(uint.MaxValue, seconds.TotalSeconds));
        }
    }

    private static void Vendor(ref RadiusWriter writer, uint vendor, byte type, string text) => writer.AddVendor(vendor, type, Encoding.UTF8.GetBytes(text));

    private static void Vendor(ref RadiusWriter writer, uint vendor, byte type, long bps)
    {
        Span<byte> octets = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)Math.Clamp(bps, 0, uint.MaxValue));
        writer.AddVendor(vendor, type, octets);
    }

    private static string Kilobits(long? bps) => bps is { } some ? Whole((some + 999) / 1_000) + "k" : "0";

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    // A burst of an eighth of a second, in octets, as the vendor advises.
    private static string Burst(long bps) => Whole(Math.Max(8_000, bps / 64));

    private sealed record Ready(byte[] Octets, string? Garden);
}
