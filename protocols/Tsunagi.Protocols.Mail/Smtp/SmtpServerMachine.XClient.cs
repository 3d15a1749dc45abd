namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>XCLIENT (Postfix's XCLIENT_README): a trusted proxy says who its client is, and the session starts anew.</summary>
public sealed partial class SmtpServerMachine
{
    /// <summary>What a proxy said of the client, in this session or the one before it; null when none did.</summary>
    public XClient? Told { get; private set; }

    // 220 is the greeting of the session that follows; 501, 502 where it is not offered, 503 within a transaction (the table's).
    private SmtpStep TakeXClient(in SmtpCommand command)
    {
        if (!_options.OfferXClient)
        {
            return Error(SmtpReplies.NotImplemented);
        }

        if (!XClient.TryParse(command.Argument, Told, out XClient told, out string reason))
        {
            return Error(new SmtpReply(501, new EnhancedStatus(5, 5, 4), reason));
        }

        Told = told;
        Transaction = null;
        State = SmtpServerState.Closed;
        return new SmtpStep(SmtpStepKind.StartAnew, null);
    }
}
