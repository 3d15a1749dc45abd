using System.Text;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>
/// One command line, understood. Only what outlives the line is copied out of it: the name of a greeting, the paths and the parameters.
/// </summary>
public readonly record struct SmtpCommand
{
    /// <summary>Which command.</summary>
    public SmtpVerb Verb { get; init; }

    /// <summary>The argument of HELO and EHLO (a domain or an address literal), of VRFY, EXPN, AUTH, BDAT and XCLIENT; else null.</summary>
    public string? Argument { get; init; }

    /// <summary>The path of MAIL.</summary>
    public ReversePath ReversePath { get; init; }

    /// <summary>The parameters of MAIL.</summary>
    public MailParameters Mail { get; init; }

    /// <summary>The path of RCPT.</summary>
    public ForwardPath ForwardPath { get; init; }

    /// <summary>The parameters of RCPT; null when there are none.</summary>
    public IReadOnlyList<SmtpParameter>? RecipientParameters { get; init; }

    /// <summary>Reads one line without its CRLF. Never throws on what a peer can send.</summary>
    /// <param name="line">The octets between two line ends.</param>
    /// <param name="limits">Sizes of paths and parameter lists; null takes the defaults.</param>
    /// <param name="command">The command, when true is returned.</param>
    /// <param name="error">The reason and the reply, when false is returned.</param>
    public static bool TryParse(ReadOnlySpan<byte> line, SmtpLimits? limits, out SmtpCommand command, out SmtpSyntaxError error) =>
        SmtpCommandReader.TryRead(line, limits ?? SmtpLimits.Default, out command, out error);

    /// <summary>The line without its CRLF; what <see cref="TryParse"/> reads back as an equal command.</summary>
    public override string ToString()
    {
        var line = new StringBuilder(64);
        switch (Verb)
        {
            case SmtpVerb.Mail:
                line.Append("MAIL FROM:").Append(ReversePath);
                if (Mail.Size is { } size)
                {
                    line.Append(" SIZE=").Append(size.ToString(System.Globalization.CultureInfo.InvariantCulture));
                }

                if (Mail.Body != SmtpBodyType.Unstated)
                {
                    line.Append(" BODY=").Append(Word(Mail.Body));
                }

                if (Mail.SmtpUtf8)
                {
                    line.Append(" SMTPUTF8");
                }

                AppendParameters(line, Mail.Others);
                break;
            case SmtpVerb.Rcpt:
                line.Append("RCPT TO:").Append(ForwardPath);
                AppendParameters(line, RecipientParameters);
                break;
            default:
                line.Append(Verb.ToString().ToUpperInvariant());
                if (Argument is not null)
                {
                    line.Append(' ').Append(Argument);
                }

                break;
        }
        return line.ToString();
    }

    private static string Word(SmtpBodyType body) => body switch
    {
        SmtpBodyType.SevenBit => "7BIT",
        SmtpBodyType.EightBitMime => "8BITMIME",
        _ => "BINARYMIME",
    };

    private static void AppendParameters(StringBuilder line, IReadOnlyList<SmtpParameter>? parameters)
    {
        foreach (SmtpParameter parameter in parameters ?? [])
        {
            line.Append(' ').Append(parameter);
        }
    }
}
