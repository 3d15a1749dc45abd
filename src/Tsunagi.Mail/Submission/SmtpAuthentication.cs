using System.Net;
using Tsunagi.Core.Net.Tls;
using Tsunagi.Protocols.Mail.Sasl;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Submission;

/// <summary>
/// The authentications of one session (RFC 4954): (1) the mechanism's exchange begins or goes on; (2) once the client said who it is: the throttle, then the credential, or a made-up one for a name that
/// nobody has; (3) a challenge, or the end. Which of name and secret was wrong is told to nobody.
/// </summary>
internal sealed class SmtpAuthentication(SubmissionAccess access, IPAddress? client)
{
    private static readonly SmtpReply Gone = new(421, new EnhancedStatus(4, 7, 0), "The credential is no longer good, closing connection");

    private SaslExchange? _exchange;
    private LiveCredential? _asked;
    private bool _counted;

    /// <summary>Who hands mail in; null before it proved that.</summary>
    public LiveCredential? Credential { get; private set; }

    /// <summary>The reply to the machine's question; 334 goes on.</summary>
    public SmtpReply Answer(SmtpServerMachine machine, TlsSession tls)
    {
        if (!access.Book.Loaded)
        {
            return SmtpReplies.AuthUnavailable;
        }

        // (1)
        SaslStep step;
        if (machine.IsAuthStart)
        {
            SaslMechanisms.TryFind(machine.AuthMechanism, out var mechanism);
            (_asked, _counted) = (null, false);
            _exchange = new SaslExchange(mechanism, tls.EndPointBinding.Span, SubmissionAccess.Nonce());
            step = _exchange.Begin(machine.AuthResponse, machine.AuthResponse is not null);
        }
        else
        {
            step = _exchange!.Handle(machine.AuthResponse);
        }

        // (2)
        if (step.Kind == SaslStepKind.AskVerifier)
        {
            var name = _exchange.UserName;
            _asked = access.Book.Find(name);
            if (access.Begin(name, _asked, client) is { } wait)
            {
                return wait;
            }

            _counted = true;
            step = _exchange.Answer(_asked?.Verifier ?? access.Book.MadeUp(name), _asked is not null);
        }

        // (3)
        switch (step.Kind)
        {
            case SaslStepKind.Challenge:
                return new SmtpReply(334, null, Convert.ToBase64String(step.Challenge.Span));
            case SaslStepKind.Passed:
                return Passed(_asked!);
            default:
                if (_counted || step.Kind == SaslStepKind.Failed)
                {
                    access.Failed(_exchange.UserName, _asked, client);
                }

                return step.Kind == SaslStepKind.Failed ? SmtpReplies.AuthWrong : SmtpReplies.AuthMalformed;
        }
    }

    /// <summary>421 when the credential was revoked or got another secret since; else null, and <see cref="Credential"/> is as it stands now.</summary>
    public SmtpReply? WhyGone()
    {
        if (Credential is { } credential)
        {
            Credential = access.Book.Now(credential);
            return Credential is null ? Gone : null;
        }

        return Gone;
    }

    private SmtpReply Passed(LiveCredential credential)
    {
        // It may have been revoked while the client reckoned.
        if (access.Book.Now(credential) is not { } now)
        {
            access.Failed(credential.UserName, credential, client);
            return SmtpReplies.AuthWrong;
        }

        access.Passed(credential.UserName, now, client);
        Credential = now;
        return SmtpReplies.AuthOk;
    }
}
