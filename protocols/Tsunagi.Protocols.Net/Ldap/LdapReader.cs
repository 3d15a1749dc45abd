using System.Formats.Asn1;

namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>Whether a message is there.</summary>
public enum LdapFrame
{
    /// <summary>More octets are needed.</summary>
    NeedMore,

    /// <summary>The message is whole.</summary>
    Complete,

    /// <summary>What comes is no message of this protocol, or longer than the limit; the connection is of no more use.</summary>
    Bad,
}

/// <summary>Reads what a server sends: where a message ends, and what it says. RFC 4511 section 5.1: BER with definite lengths. Never throws on what a peer can send.</summary>
public static class LdapReader
{
    private const byte SequenceTag = 0x30;
    private const int LongestLength = 4;
    private const string PagedResults = LdapRequestWriter.PagedResults;

    private static readonly Asn1Tag Referral = new(TagClass.ContextSpecific, 3);
    private static readonly Asn1Tag Controls = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag ResponseName = new(TagClass.ContextSpecific, 10);

    /// <summary>Finds the end of the first message of <paramref name="input"/>.</summary>
    /// <param name="input">What has come so far.</param>
    /// <param name="limits">Null for the usual ones.</param>
    /// <param name="octets">Its length with its head, when it is whole; while it is not, what is known of it.</param>
    public static LdapFrame TryFrame(ReadOnlySpan<byte> input, LdapLimits? limits, out int octets)
    {
        octets = 0;
        if (input.Length > 0 && input[0] != SequenceTag)
        {
            return LdapFrame.Bad;
        }

        if (input.Length < 2)
        {
            return LdapFrame.NeedMore;
        }

        long length = input[1];
        var head = 2;
        if (length >= 0x80)
        {
            var count = (int)length & 0x7F;
            if (count is 0 or > LongestLength)
            {
                return LdapFrame.Bad;
            }

            if (input.Length < 2 + count)
            {
                return LdapFrame.NeedMore;
            }

            length = 0;
            foreach (var octet in input.Slice(2, count))
            {
                length = length << 8 | octet;
            }

            head += count;
        }

        if (head + length > (limits ?? LdapLimits.Default).MessageOctets)
        {
            return LdapFrame.Bad;
        }

        octets = (int)(head + length);
        return input.Length < octets ? LdapFrame.NeedMore : LdapFrame.Complete;
    }

    /// <summary>Reads one whole message. What is kept of it is copied.</summary>
    /// <param name="message">The octets of one message, no more.</param>
    /// <param name="limits">Null for the usual ones.</param>
    /// <param name="response">Null when it cannot be read.</param>
    /// <param name="error">What was wrong, for people.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, LdapLimits? limits, out LdapResponse? response, out string error)
    {
        response = null;
        error = "";
        try
        {
            // Copied once, because values outlive the caller's buffer.
            var outer = new AsnReader(message.ToArray(), AsnEncodingRules.BER);
            var reader = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            if (!reader.TryReadInt32(out var id) || id < 0)
            {
                error = "message: its number is out of range";
                return false;
            }

            return TryReadOperation(reader, id, limits ?? LdapLimits.Default, out response, out error);
        }
        catch (AsnContentException wrong)
        {
            error = "message: " + wrong.Message;
            return false;
        }
    }

    // LDAPMessage ::= SEQUENCE { messageID, protocolOp CHOICE { ... }, controls [0] OPTIONAL }
    private static bool TryReadOperation(AsnReader reader, int id, LdapLimits limits, out LdapResponse? response, out string error)
    {
        response = null;
        error = "";
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.Application)
        {
            error = "message: holds no operation";
            return false;
        }

        var operation = reader.ReadSequence(tag);
        switch (tag.TagValue)
        {
            case 1:
                response = new LdapBindResponse(id, ReadResult(operation));
                break;
            case 4:
                return TryReadEntry(operation, id, limits, out response, out error);
            case 5:
                response = new LdapSearchDone(id, ReadResult(operation), ReadCookie(reader));
                break;
            case 19:
                response = new LdapSearchReference(id, ReadTexts(operation));
                break;
            case 24:
                var result = ReadResult(operation);
                response = new LdapExtendedResponse(id, result, operation.HasData && operation.PeekTag().HasSameClassAndValue(ResponseName) ? Text(operation.ReadOctetString(ResponseName)) : "");
                break;
            default:
                error = $"message: operation {tag.TagValue} is no answer";
                return false;
        }

        return true;
    }

    // LDAPResult ::= SEQUENCE { resultCode ENUMERATED, matchedDN, diagnosticMessage, referral [3] OPTIONAL, ... }
    private static LdapResult ReadResult(AsnReader reader)
    {
        var code = reader.ReadEnumeratedBytes();
        var matched = Text(reader.ReadOctetString());
        var diagnostic = Text(reader.ReadOctetString());
        var referrals = reader.HasData && reader.PeekTag().HasSameClassAndValue(Referral) ? ReadTexts(reader.ReadSequence(Referral)) : [];
        return new LdapResult(Number(code.Span), matched, diagnostic, referrals);
    }

    private static LdapResultCode Number(ReadOnlySpan<byte> octets)
    {
        var number = 0;
        foreach (var octet in octets[..Math.Min(octets.Length, 4)])
        {
            number = number << 8 | octet;
        }

        return octets.Length > 4 ? LdapResultCode.Other : (LdapResultCode)number;
    }

    // SearchResultEntry ::= [APPLICATION 4] SEQUENCE { objectName, attributes SEQUENCE OF SEQUENCE { type, vals SET OF OCTET STRING } }
    private static bool TryReadEntry(AsnReader reader, int id, LdapLimits limits, out LdapResponse? response, out string error)
    {
        response = null;
        error = "";
        var dn = Text(reader.ReadOctetString());
        var list = reader.ReadSequence();
        var attributes = new Dictionary<string, IReadOnlyList<ReadOnlyMemory<byte>>>(StringComparer.OrdinalIgnoreCase);
        while (list.HasData)
        {
            var attribute = list.ReadSequence();
            var name = Text(attribute.ReadOctetString());
            var set = attribute.ReadSetOf(skipSortOrderValidation: true);
            var values = new List<ReadOnlyMemory<byte>>();
            while (set.HasData)
            {
                if (values.Count == limits.Values)
                {
                    error = $"{dn}: {name} has more than {limits.Values} values";
                    return false;
                }

                values.Add(set.ReadOctetString());
            }

            // Nobody sends an attribute twice; who does has the values of both.
            attributes[name] = attributes.TryGetValue(name, out var before) ? [.. before, .. values] : values;
            if (attributes.Count > limits.Attributes)
            {
                error = $"{dn}: more than {limits.Attributes} attributes";
                return false;
            }
        }

        response = new LdapSearchEntry(id, new LdapEntry(dn, attributes));
        return true;
    }

    // RFC 2696 section 2: realSearchControlValue ::= SEQUENCE { size INTEGER, cookie OCTET STRING }
    private static ReadOnlyMemory<byte> ReadCookie(AsnReader reader)
    {
        if (!reader.HasData || !reader.PeekTag().HasSameClassAndValue(Controls))
        {
            return default;
        }

        var controls = reader.ReadSequence(Controls);
        while (controls.HasData)
        {
            var control = controls.ReadSequence();
            var type = Text(control.ReadOctetString());
            if (control.HasData && control.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean))
            {
                control.ReadBoolean();
            }

            if (type == PagedResults && control.HasData)
            {
                var value = new AsnReader(control.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
                value.ReadInteger();
                return value.ReadOctetString();
            }
        }

        return default;
    }

    private static List<string> ReadTexts(AsnReader reader)
    {
        var texts = new List<string>();
        while (reader.HasData)
        {
            texts.Add(Text(reader.ReadOctetString()));
        }

        return texts;
    }

    private static string Text(byte[] octets) => LdapText.TryRead(octets, out var text) ? text : Convert.ToHexStringLower(octets);
}
