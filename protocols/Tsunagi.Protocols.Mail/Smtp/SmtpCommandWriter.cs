using System.Buffers;
using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// Writes commands for a client, each with its CRLF. Addresses come as <see cref="Mailbox"/>, which can hold no line end; a name or a
/// parameter that could break out of its line is refused as the caller's mistake.
/// </summary>
public static class SmtpCommandWriter
{
    /// <summary>EHLO with the client's own name: a domain or an address literal.</summary>
    public static void Ehlo(IBufferWriter<byte> output, string name) => Write(output, new SmtpCommand { Verb = SmtpVerb.Ehlo, Argument = name });

    /// <summary>HELO, for servers that do not know EHLO (RFC 5321 section 3.2).</summary>
    public static void Helo(IBufferWriter<byte> output, string name) => Write(output, new SmtpCommand { Verb = SmtpVerb.Helo, Argument = name });

    /// <summary>MAIL with the parameters of the extensions the server offered.</summary>
    public static void Mail(IBufferWriter<byte> output, ReversePath from, MailParameters parameters = default) =>
        Write(output, new SmtpCommand { Verb = SmtpVerb.Mail, ReversePath = from, Mail = parameters });

    /// <summary>RCPT.</summary>
    public static void Rcpt(IBufferWriter<byte> output, ForwardPath to, IReadOnlyList<SmtpParameter>? parameters = null) =>
        Write(output, new SmtpCommand { Verb = SmtpVerb.Rcpt, ForwardPath = to, RecipientParameters = parameters });

    /// <summary>DATA.</summary>
    public static void Data(IBufferWriter<byte> output) => output.Write("DATA\r\n"u8);

    /// <summary>RSET.</summary>
    public static void Rset(IBufferWriter<byte> output) => output.Write("RSET\r\n"u8);

    /// <summary>STARTTLS; nothing may be sent behind it before the server's reply (RFC 3207 section 4).</summary>
    public static void StartTls(IBufferWriter<byte> output) => output.Write("STARTTLS\r\n"u8);

    /// <summary>QUIT.</summary>
    public static void Quit(IBufferWriter<byte> output) => output.Write("QUIT\r\n"u8);

    /// <summary>Any command.</summary>
    /// <exception cref="ArgumentException">The command holds a control character.</exception>
    public static void Write(IBufferWriter<byte> output, in SmtpCommand command)
    {
        ArgumentNullException.ThrowIfNull(output);
        string line = command.ToString();
        foreach (char c in line)
        {
            if (char.IsControl(c))
            {
                throw new ArgumentException($"writing {command.Verb}: the command holds a control character", nameof(command));
            }
        }

        Span<byte> octets = output.GetSpan(Encoding.UTF8.GetMaxByteCount(line.Length) + 2);
        int length = Encoding.UTF8.GetBytes(line, octets);
        octets[length++] = (byte)'\r';
        octets[length++] = (byte)'\n';
        output.Advance(length);
    }
}
