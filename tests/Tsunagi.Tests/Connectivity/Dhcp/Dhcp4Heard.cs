using System.Buffers.Binary;
using System.Net;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Tests.Connectivity.Dhcp;

/// <summary>An answer of DHCPv4 as a relay or client hears it.</summary>
internal sealed record Dhcp4Heard
{
    public required Dhcp4Type Type { get; init; }

    public required uint TransactionId { get; init; }

    /// <summary>What the client gets; null for none.</summary>
    public required IPAddress? Address { get; init; }

    public required bool IsBroadcast { get; init; }

    public required IPAddress Relay { get; init; }

    public required IReadOnlyDictionary<byte, byte[]> Options { get; init; }

    public int Octets { get; init; }

    public IPAddress Server => new(Options[Dhcp4Code.ServerId]);

    public uint Seconds => BinaryPrimitives.ReadUInt32BigEndian(Options[Dhcp4Code.LeaseTime]);

    /// <summary>"Ack 10.20.0.1 3600", "Nak".</summary>
    public override string ToString() => $"{Type} {Address}{(Options.ContainsKey(Dhcp4Code.LeaseTime) ? " " + Seconds : "")}".TrimEnd();

    public string Text(byte code) => Options.TryGetValue(code, out var value) ? Convert.ToHexStringLower(value) : "";

    public static Dhcp4Heard Read(ReadOnlySpan<byte> datagram)
    {
        Assert.True(Dhcp4Message.TryParse(datagram, null, out var message, out _));
        Assert.False(message.IsRequest);
        var options = new Dictionary<byte, byte[]>();
        var scratch = new byte[4_096];
        for (var code = 1; code < 255; code++)
        {
            if (message.TryFind((byte)code, scratch, out var value))
            {
                options.Add((byte)code, value.ToArray());
            }
        }

        return new Dhcp4Heard
        {
            Type = message.Type, TransactionId = message.TransactionId, Address = message.YourAddress.ContainsAnyExcept((byte)0) ? new IPAddress(message.YourAddress) : null, IsBroadcast = message.IsBroadcast,
            Relay = new IPAddress(message.RelayAddress), Options = options, Octets = datagram.Length,
        };
    }
}
