using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Protocols.Mail.Message;

/// <summary>The trace field a host puts on top of each message it takes (RFC 5321 section 4.4).</summary>
public sealed record ReceivedField
{
    // Texts of this length in all, with what stands between them, stay below the 998 octets of a line however they are folded.
    private const int MaxInPlace = 700;

    /// <summary>The name the client gave in EHLO; null for a message made here.</summary>
    public string? HeloName { get; init; }

    /// <summary>The address it came from.</summary>
    public IPAddress? ClientAddress { get; init; }

    /// <summary>The name of that address in the DNS, where it was looked up.</summary>
    public string? ClientName { get; init; }

    /// <summary>Our own name.</summary>
    public required string By { get; init; }

    /// <summary>The protocol: SMTP, ESMTP, ESMTPS, ESMTPSA (RFC 3848), UTF8SMTP and its family (RFC 6531 section 4.3).</summary>
    public required string With { get; init; }

    /// <summary>The id under which we know the message.</summary>
    public required string Id { get; init; }

    /// <summary>The recipient, only when there is one: a list would show blind copies (RFC 5321 section 7.6).</summary>
    public ForwardPath? For { get; init; }

    /// <summary>TLS version and cipher, as a comment.</summary>
    public string? Tls { get; init; }

    /// <summary>When the message was taken.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The word for <see cref="With"/>.</summary>
    /// <param name="extended">The client greeted with EHLO.</param>
    /// <param name="tls">Under TLS.</param>
    /// <param name="utf8">The transaction is SMTPUTF8.</param>
    /// <param name="authenticated">After AUTH.</param>
    public static string Protocol(bool extended, bool tls, bool utf8, bool authenticated) =>
        extended ? $"{(utf8 ? "UTF8SMTP" : "ESMTP")}{(tls ? "S" : "")}{(authenticated ? "A" : "")}" : "SMTP";

    /// <summary>Writes the field.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="utf8">The message is SMTPUTF8, so addresses may stand there in UTF-8.</param>
    // Time-stamp-line = "Received:" FWS Stamp CRLF ; Stamp = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
    public void WriteTo(IBufferWriter<byte> output, bool utf8 = false)
    {
        ArgumentNullException.ThrowIfNull(output);

        // Every message gets one, and nearly always it is short and ASCII: then it is written in place.
        if (!TryWriteInPlace(output))
        {
            WriteTokens(output, utf8);
        }
    }

    private bool TryWriteInPlace(IBufferWriter<byte> output)
    {
        string path = For?.Mailbox.ToString() ?? "";
        int length = (HeloName?.Length ?? 0) + (ClientName?.Length ?? 0) + By.Length + With.Length + Id.Length + (Tls?.Length ?? 0) + path.Length;
        if (length > MaxInPlace || !IsPlain(HeloName) || !IsPlain(ClientName) || !IsPlain(By) || !IsPlain(With) || !IsPlain(Id) || !IsPlain(Tls) || !IsPlain(path))
        {
            return false;
        }

        var line = new FoldedLine(output.GetSpan(MaxInPlace + 256), "Received:"u8);
        if (HeloName is not null)
        {
            line.Begin().Put("from ").PutAtom(HeloName);
            if (ClientAddress is not null)
            {
                line.Put(" (");
                if (ClientName is not null)
                {
                    line.PutAtom(ClientName).Put(" ");
                }

                line.PutLiteral(ClientAddress).Put(")");
            }

            line.End();
        }

        line.Begin().Put("by ").PutAtom(By).End();
        if (Tls is not null)
        {
            line.Begin().Put("(").PutComment(Tls).Put(")").End();
        }

        line.Begin().Put("with ").PutAtom(With).End();
        line.Begin().Put("id ").PutAtom(Id).Put(path.Length > 0 ? "" : ";").End();
        if (path.Length > 0)
        {
            line.Begin().Put("for <").Put(path).Put(">;").End();
        }

        line.Begin().PutDate(Time).End();
        output.Advance(line.Finish());
        return true;
    }

    private static bool IsPlain(string? text) => text is null || Ascii.IsValid(text);

    internal void WriteTokens(IBufferWriter<byte> output, bool utf8)
    {
        var tokens = new List<string>(8);
        if (HeloName is not null)
        {
            tokens.Add($"from {Atom(HeloName)}{TcpInfo()}");
        }

        tokens.Add($"by {Atom(By)}");
        if (Tls is not null)
        {
            tokens.Add($"({Comment(Tls)})");
        }

        tokens.Add($"with {Atom(With)}");
        string id = $"id {Atom(Id)}";
        if (For is { } path && (utf8 || path.Mailbox.IsAscii))
        {
            tokens.Add(id);
            tokens.Add($"for {path};");
        }
        else
        {
            tokens.Add(id + ";");
        }
        tokens.Add(MailDate.Format(Time));
        HeaderWriter.Structured(output, "Received", tokens, utf8);
    }

    // TCP-info = address-literal / ( Domain FWS address-literal )
    private string TcpInfo()
    {
        if (ClientAddress is null)
        {
            return "";
        }

        IPAddress address = ClientAddress.IsIPv4MappedToIPv6 ? ClientAddress.MapToIPv4() : ClientAddress;
        string literal = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]" : $"[{address}]";
        return ClientName is null ? $" ({literal})" : $" ({Atom(ClientName)} {literal})";
    }

    // What comes from outside may hold neither white space nor what would open a comment or end the list.
    private static string Atom(string text) => Replace(text, FoldedLine.IsBadInAtom, '_');

    private static string Comment(string text) => Replace(text, FoldedLine.IsBadInComment, '_');

    private static string Replace(string text, Func<char, bool> isBad, char with) =>
        text.Length == 0 ? "unknown" : string.Create(text.Length, (text, isBad, with), static (chars, state) =>
        {
            for (int i = 0; i < chars.Length; i++)
            {
                chars[i] = state.isBad(state.text[i]) ? state.with : state.text[i];
            }
        });
}
