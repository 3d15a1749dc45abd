using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Tsunagi.Protocols.Net.Dhcp;

namespace Tsunagi.Connectivity.Verbs;

/// <summary>One message as it is told: what it says as far as it can be read, and what of it is wrong.</summary>
internal sealed class DhcpReport
{
    private readonly CapturedMessage _captured;
    private readonly DhcpProtocol _protocol;
    private readonly DhcpMessage? _message;
    private readonly DhcpError? _error;

    private DhcpReport(CapturedMessage captured, DhcpProtocol protocol)
    {
        _captured = captured;
        _protocol = protocol;
        if (!DhcpDecoder.TryDecode(protocol, captured.Octets, null, out _message, out var unread))
        {
            _error = unread;
        }
        else if (!Check(protocol, captured.Octets, out var wrong) && !IsBootp)
        {
            _error = wrong;
        }
        else if (protocol == DhcpProtocol.Neighbor && Wrong() is { } reason)
        {
            _error = new DhcpError(reason, 0);
        }
    }

    /// <summary>It was read, and nothing of it is malformed.</summary>
    public bool IsGood => _error is null && !_message!.Problems.Any();

    // BOOTP without the cookie is no message of DHCP, and is whole.
    private bool IsBootp => _protocol == DhcpProtocol.Dhcp4 && _message!.Fields["vend"] is not null;

    private string ProtocolName => _protocol switch
    {
        DhcpProtocol.Dhcp4 => IsKnown && IsBootp ? "BOOTP" : "DHCPv4",
        DhcpProtocol.Dhcp6 => "DHCPv6",
        _ => "ICMPv6",
    };

    private bool IsKnown => _message is not null;

    public static DhcpReport Read(CapturedMessage captured, DhcpProtocol protocol) => new(captured, protocol);

    public JsonObject ToJson()
    {
        var node = new JsonObject();
        if (_captured.From is not null)
        {
            node["packet"] = _captured.Packet;
            node["from"] = CapturedMessage.Name(_captured.From);
            node["to"] = CapturedMessage.Name(_captured.To!);
            node["milliseconds"] = _captured.Milliseconds;
        }

        node["protocol"] = ProtocolName;
        if (_message is not null)
        {
            node["type"] = _message.TypeName;
            node["number"] = _message.Type;
            DhcpJson.Add(node, _message.Fields);
            var problems = new JsonArray([.. _message.Problems.Select(static option => (JsonNode)$"{option.Name}: {Words(option.Form)}")]);
            if (problems.Count > 0)
            {
                node["problems"] = problems;
            }
        }

        if (_captured.IsCut)
        {
            node["cutByCapture"] = true;
        }

        if (_error is { } error)
        {
            node["error"] = error.Reason;
            node["offset"] = error.Offset;
        }

        return node;
    }

    public string ToText()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{_captured.Where}{ProtocolName} {_message?.TypeName ?? "not read"}, {_captured.Octets.Length} octets{(_captured.IsCut ? ", cut off by the capture" : "")}\n");
        if (_error is { } error)
        {
            text.Append(CultureInfo.InvariantCulture, $"  at octet {error.Offset}: {error.Reason}\n");
        }

        if (_message is not null)
        {
            Append(text, _message.Fields, "  ");
        }

        return text.ToString();
    }

    private static bool Check(DhcpProtocol protocol, ReadOnlySpan<byte> octets, out DhcpError error) => protocol switch
    {
        DhcpProtocol.Dhcp4 => Dhcp4Message.TryParse(octets, null, out _, out error),
        DhcpProtocol.Dhcp6 => Dhcp6Message.TryParse(octets, null, out _, out error),
        _ => NeighborMessage.TryParse(octets, null, out _, out error),
    };

    // RFC 4861 section 6.1, 7.1, 8.1: what a router forwarded, or what is damaged, is not believed.
    private string? Wrong()
    {
        if (_captured.From is not { } from || _captured.To is not { } to || _captured.IsCut)
        {
            return null;
        }

        var checksum = NeighborMessage.Checksum(from.Address.GetAddressBytes(), to.Address.GetAddressBytes(), _captured.Octets);
        return _captured.HopLimit != 255 ? $"packet: its hop limit is {_captured.HopLimit}, not 255"
            : checksum != (_captured.Octets[2] << 8 | _captured.Octets[3]) ? $"message: its checksum should be 0x{checksum:x4}" : null;
    }

    // Fields stand in one line, options below it.
    private static void Append(StringBuilder text, DhcpFields fields, string indent)
    {
        var plain = fields.Fields.Where(static field => field.Value is not (DhcpOptionList or DhcpFields) && !DhcpFields.IsSilent(field)).ToList();
        if (plain.Count > 0)
        {
            text.Append(indent).AppendJoin(' ', plain.Select(static field => $"{field.Name}={field.Value}")).Append('\n');
        }

        foreach (var field in fields.Fields)
        {
            switch (field.Value)
            {
                case DhcpOptionList list:
                    foreach (var option in list.Options.Where(static option => !option.IsFill))
                    {
                        Append(text, option, indent);
                    }

                    break;
                case DhcpFields inner:
                    text.Append(indent).Append(field.Name).Append('\n');
                    Append(text, inner, indent + "  ");
                    break;
            }
        }
    }

    private static void Append(StringBuilder text, DhcpOption option, string indent)
    {
        text.Append(indent).Append(option.Name);
        if (option.Form is not (DhcpForm.Typed or DhcpForm.Unknown))
        {
            text.Append(" (").Append(Words(option.Form)).Append(')');
        }

        switch (option.Value)
        {
            case DhcpFields fields:
                text.Append('\n');
                Append(text, fields, indent + "  ");
                break;
            case DhcpOptionList list:
                text.Append('\n');
                foreach (var inner in list.Options.Where(static inner => !inner.IsFill))
                {
                    Append(text, inner, indent + "  ");
                }

                break;
            default:
                text.Append(" = ").Append(option.Value).Append('\n');
                break;
        }
    }

    private static string Words(DhcpForm form) => form switch
    {
        DhcpForm.Malformed => "not in its format",
        DhcpForm.CutOff => "the options end in the middle of one",
        DhcpForm.TooDeep => "deeper than is read",
        _ => "",
    };
}
