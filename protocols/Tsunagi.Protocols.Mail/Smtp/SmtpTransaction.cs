namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>The open mail transaction (RFC 5321 section 3.3).</summary>
public sealed class SmtpTransaction
{
    private readonly List<ForwardPath> _recipients = [];

    internal SmtpTransaction(ReversePath reversePath, MailParameters parameters)
    {
        ReversePath = reversePath;
        Parameters = parameters;
    }

    /// <summary>Where failures are told.</summary>
    public ReversePath ReversePath { get; }

    /// <summary>What MAIL said of the message.</summary>
    public MailParameters Parameters { get; }

    /// <summary>The recipients accepted, in order; one stands as often as the client named it.</summary>
    public IReadOnlyList<ForwardPath> Recipients => _recipients;

    internal void Add(ForwardPath recipient) => _recipients.Add(recipient);
}
