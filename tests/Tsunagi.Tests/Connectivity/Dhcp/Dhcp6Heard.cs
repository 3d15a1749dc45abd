using System.Buffers.Binary;
using System.Net;
using Tsunagi.Connectivity.Addresses;
using Tsunagi.Connectivity.Dhcp6;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>An association of an answer, read.</summary>
internal sealed record HeardAssociation(ushort Code, uint Iaid, uint T1, uint T2, IReadOnlyList<AnsweredPart> Parts, Dhcp6Status Status);

/// <summary>An answer of the server, read by itself: what a client would make of it.</summary>
internal sealed class Dhcp6Heard
{
    public required Dhcp6Type Type { get; init; }

    public required int TransactionId { get; init; }

    public required IReadOnlyList<HeardAssociation> Associations { get; init; }

    public required IReadOnlyDictionary<ushort, byte[]> Options { get; init; }

    /// <summary>Interface-Ids of the relays' messages around it, outermost first.</summary>
    public required IReadOnlyList<string?> Interfaces { get; init; }

    public Dhcp6Status? Status => Options.TryGetValue(Dhcp6Code.StatusCode, out var value) ? (Dhcp6Status)BinaryPrimitives.ReadUInt16BigEndian(value) : null;

    public byte[] ServerId => Options[Dhcp6Code.ServerId];

    public AnsweredPart Prefix => Part(Dhcp6Code.IaPd);

    public AnsweredPart Address => Part(Dhcp6Code.IaNa);

    public HeardAssociation Of(ushort code, uint iaid = 1) => Assert.Single(Associations, each => each.Code == code && each.Iaid == iaid);

    /// <summary>As one line: "Reply IaNa 2001:db8::1/128 3600/7200, IaPd NoPrefixAvail".</summary>
    public override string ToString() => Type + (Status is { } status ? $" {status}" : "") + string.Concat(Associations.Select(static each =>
        $"{(each == null ? "" : each.Code == Dhcp6Code.IaNa ? " na" : each.Code == Dhcp6Code.IaPd ? " pd" : " ta")}{each!.Iaid}{string.Concat(each.Parts.Select(static part => $" {part.Block} {part.Preferred}/{part.Valid}"))}{(each.Status == Dhcp6Status.Success ? "" : $" {each.Status}")}"));

    public static Dhcp6Heard Read(ReadOnlySpan<byte> datagram)
    {
        Assert.True(Dhcp6Message.TryParse(datagram, null, out var message, out _));
        var interfaces = new List<string?>();
        while (message.IsRelay)
        {
            Assert.Equal(Dhcp6Type.RelayReply, message.Type);
            interfaces.Add(message.Options.TryFind(Dhcp6Code.InterfaceId, out var id) ? System.Text.Encoding.UTF8.GetString(id) : null);
            Assert.True(message.TryInner(null, out var inner));
            message = inner;
        }

        var associations = new List<HeardAssociation>();
        var options = new Dictionary<ushort, byte[]>();
        foreach (var option in message.Options)
        {
            if (option.Code is Dhcp6Code.IaNa or Dhcp6Code.IaPd or Dhcp6Code.IaTa)
            {
                associations.Add(ReadAssociation(option));
            }
            else
            {
                options.Add(option.Code, option.Value.ToArray());
            }
        }

        return new Dhcp6Heard { Type = message.Type, TransactionId = message.TransactionId, Associations = associations, Options = options, Interfaces = interfaces };
    }

    private AnsweredPart Part(ushort code) => Assert.Single(Of(code).Parts);

    private static HeardAssociation ReadAssociation(Dhcp6Option option)
    {
        var before = option.Code == Dhcp6Code.IaTa ? 4 : 12;
        Assert.True(option.TryOptions(before, out var inner));
        var parts = new List<AnsweredPart>();
        var status = Dhcp6Status.Success;
        foreach (var each in inner)
        {
            var value = each.Value;
            switch (each.Code)
            {
                case Dhcp6Code.IaAddress:
                    parts.Add(new AnsweredPart(AddressBlock.Of(new IPAddress(value[..16])), BinaryPrimitives.ReadUInt32BigEndian(value[16..]), BinaryPrimitives.ReadUInt32BigEndian(value[20..])));
                    break;
                case Dhcp6Code.IaPrefix:
                    parts.Add(new AnsweredPart(AddressBlock.From(new IPAddress(value.Slice(9, 16)), value[8]), BinaryPrimitives.ReadUInt32BigEndian(value), BinaryPrimitives.ReadUInt32BigEndian(value[4..])));
                    break;
                case Dhcp6Code.StatusCode:
                    status = (Dhcp6Status)BinaryPrimitives.ReadUInt16BigEndian(value);
                    break;
            }
        }

        var times = before == 12 ? (BinaryPrimitives.ReadUInt32BigEndian(option.Value[4..]), BinaryPrimitives.ReadUInt32BigEndian(option.Value[8..])) : (0u, 0u);
        return new HeardAssociation(option.Code, BinaryPrimitives.ReadUInt32BigEndian(option.Value), times.Item1, times.Item2, parts, status);
    }
}
