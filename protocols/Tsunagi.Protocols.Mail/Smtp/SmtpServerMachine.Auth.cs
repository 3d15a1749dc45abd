using System.Text;
using Tsunagi.Protocols.Mail.Sasl;

namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>AUTH (RFC 4954): what is offered, the order of the exchange, and what waits for it.</summary>
public sealed partial class SmtpServerMachine
{
    private const int MaxMechanism = 20;
    private int _authFailures;

    /// <summary>
    /// The names of the mechanisms that are offered, under TLS alone; none: AUTH is answered 502. A caller sets it again when TLS is up and the connection can not be bound.
    /// </summary>
    public IReadOnlyList<string> AuthMechanisms { get; set; }

    /// <summary>The client has authenticated (235 was given).</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>The mechanism of the running exchange, in upper case; one of <see cref="AuthMechanisms"/>.</summary>
    public string AuthMechanism { get; private set; } = "";

    /// <summary>
    /// What the client said, decoded: its response to the last challenge or its initial response; null when the command had none, so that the mechanism's first challenge is due.
    /// Set during AskAuth.
    /// </summary>
    public byte[]? AuthResponse { get; private set; }

    /// <summary>The client's first word of an exchange; false for a response.</summary>
    public bool IsAuthStart { get; private set; }

    private static bool IsAuth(ReadOnlySpan<byte> line) => line.Length > 5 && Ascii.EqualsIgnoreCase(line[..5], "AUTH "u8);

    // RFC 4954 section 4.1: 530 to everything but AUTH, EHLO, HELO, NOOP, RSET and QUIT where authentication is required; HELP and STARTTLS do no harm.
    private SmtpReply? WhyNotYet(SmtpVerb verb) =>
        _options.RequireAuth && !IsAuthenticated && verb is SmtpVerb.Mail or SmtpVerb.Rcpt or SmtpVerb.Data or SmtpVerb.Vrfy
            ? _options.RequireTls && !IsTls ? SmtpReplies.TlsRequired : SmtpReplies.AuthRequired
            : verb == SmtpVerb.Auth && AuthMechanisms.Count == 0 ? SmtpReplies.NotImplemented
            : null;

    // AUTH mechanism [initial-response] ; initial-response = base64 / "="
    private SmtpStep Auth(in SmtpCommand command)
    {
        if (!IsExtended)
        {
            return Error(SmtpReplies.HelloFirst);
        }

        if (!IsTls)
        {
            return Error(SmtpReplies.AuthNeedsTls);
        }

        if (IsAuthenticated)
        {
            return Error(SmtpReplies.AuthTwice);
        }

        string argument = command.Argument ?? "";
        int space = argument.IndexOf(' ', StringComparison.Ordinal);
        string mechanism = (space < 0 ? argument : argument[..space]).ToUpperInvariant();
        if (mechanism.Length is 0 or > MaxMechanism || !AuthMechanisms.Contains(mechanism, StringComparer.Ordinal))
        {
            return Error(SmtpReplies.AuthMechanismUnknown);
        }

        AuthMechanism = mechanism;
        return AskAuth(space < 0 ? null : argument[(space + 1)..], isStart: true);
    }

    // The line behind a 334: base64, or "*" to give up.
    private SmtpStep HandleResponse(ReadOnlySpan<byte> line)
    {
        Expect(SmtpStepKind.Reply);
        if (line.SequenceEqual("*"u8))
        {
            return AuthFailed(SmtpReplies.AuthCancelled);
        }

        return Ascii.IsValid(line) ? AskAuth(Encoding.ASCII.GetString(line), isStart: false) : AuthFailed(SmtpReplies.AuthNotBase64);
    }

    private SmtpStep AskAuth(string? base64, bool isStart)
    {
        byte[]? decoded = null;
        if (base64 is not null)
        {
            // "=" is an empty initial response; an empty response is an empty line.
            if (isStart && base64 == "=")
            {
                decoded = [];
            }
            else if ((isStart && base64.Length == 0) || !SaslText.TryDecode(Encoding.ASCII.GetBytes(base64), out decoded))
            {
                return AuthFailed(SmtpReplies.AuthNotBase64);
            }
        }

        AuthResponse = decoded;
        IsAuthStart = isStart;
        _asked = SmtpStepKind.AskAuth;
        return new SmtpStep(SmtpStepKind.AskAuth, null);
    }

    private SmtpStep AnswerAuth(SmtpReply reply)
    {
        AuthResponse = null;
        if (reply.IsIntermediate)
        {
            State = SmtpServerState.Authenticating;
            return Reply(reply);
        }

        if (!reply.IsPositive)
        {
            return AuthFailed(reply);
        }

        State = SmtpServerState.Greeted;
        IsAuthenticated = true;
        return Reply(reply);
    }

    private SmtpStep AuthFailed(SmtpReply reply)
    {
        State = SmtpServerState.Greeted;
        return ++_authFailures > _options.MaxAuthFailures ? Close(SmtpReplies.TooManyErrors) : Reply(reply);
    }

    /// <summary>
    /// AUTH= is read wherever AUTH is offered (RFC 4954 section 5), and taken as <c>&lt;&gt;</c> whatever it says: no client is trusted to vouch for others.
    /// Parameters of extensions that are not offered are refused.
    /// </summary>
    private bool AreParametersKnown(IReadOnlyList<SmtpParameter>? others, out SmtpReply? refusal)
    {
        refusal = null;
        foreach (SmtpParameter parameter in others ?? [])
        {
            refusal = parameter.Keyword != "AUTH" || AuthMechanisms.Count == 0 ? SmtpReplies.UnknownParameter
                : !IsSubmitter(parameter.Value) ? SmtpReplies.BadSubmitter
                : null;
            if (refusal is not null)
            {
                return false;
            }
        }

        return true;
    }

    // auth-param = "AUTH=" xtext ; the text is a mailbox or "<>"
    private static bool IsSubmitter(string? xtext) =>
        xtext is not null && Xtext.TryDecode(xtext, out string mailbox) && (mailbox == "<>" || Mailbox.TryParse(mailbox is ['<', .., '>'] ? mailbox[1..^1] : mailbox, out _));
}
