namespace Tsunagi.Mail.Spool;

/// <summary>
/// What was known of a message when it was accepted: the first record of its life in the spool, and the source of its trace, its events, its
/// meters and its delivery after a restart. Facts and envelope only; of the content no more than what people search by.
/// </summary>
internal sealed record AcceptFacts
{
    private const byte Version = 1;

    public required long AcceptedMicros { get; init; }

    public required MessageFlags Flags { get; init; }

    public required string TenantPath { get; init; }

    public required string Subscription { get; init; }

    /// <summary>Empty for the null reverse-path.</summary>
    public required string ReversePath { get; init; }

    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Size of the content as stored, our own trace header included.</summary>
    public required long SizeBytes { get; init; }

    public string ClientAddress { get; init; } = "";

    public string Helo { get; init; } = "";

    /// <summary>"TLS 1.3, TLS_AES_256_GCM_SHA384", or empty.</summary>
    public string Tls { get; init; } = "";

    /// <summary>Id of the SMTP transaction: the first of its messages, when its recipients belonged to several subscriptions.</summary>
    public string Transaction { get; init; } = "";

    /// <summary>For a report: the id of the message it is about.</summary>
    public string About { get; init; } = "";

    /// <summary>Value of the Message-ID header, with its angle brackets taken off.</summary>
    public string MessageIdHeader { get; init; } = "";

    /// <summary>The subject as people read it, at most 500 characters.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Domain of the first address in the From field.</summary>
    public string FromDomain { get; init; } = "";

    public void Write(FactsWriter to)
    {
        to.Byte(Version);
        to.Byte((byte)Flags);
        to.Number(AcceptedMicros);
        to.Number(SizeBytes);
        to.Text(TenantPath);
        to.Text(Subscription);
        to.Text(ReversePath);
        to.Text(ClientAddress);
        to.Text(Helo);
        to.Text(Tls);
        to.Text(Transaction);
        to.Text(About);
        to.Text(MessageIdHeader);
        to.Text(Subject);
        to.Text(FromDomain);
        to.Number(Recipients.Count);
        for (var i = 0; i < Recipients.Count; i++)
        {
            to.Text(Recipients[i]);
        }
    }

    /// <summary>False when the bytes are not accept facts of a version this program knows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AcceptFacts facts)
    {
        var from = new FactsReader(bytes);
        var known = from.Byte() == Version;
        facts = new AcceptFacts
        {
            Flags = (MessageFlags)from.Byte(),
            AcceptedMicros = from.Number(),
            SizeBytes = from.Number(),
            TenantPath = from.Text(),
            Subscription = from.Text(),
            ReversePath = from.Text(),
            ClientAddress = from.Text(),
            Helo = from.Text(),
            Tls = from.Text(),
            Transaction = from.Text(),
            About = from.Text(),
            MessageIdHeader = from.Text(),
            Subject = from.Text(),
            FromDomain = from.Text(),
            Recipients = ReadRecipients(ref from),
        };
        return known && !from.Failed;
    }

    /// <summary>Reads what meters need and no more. False for reports, for mail of no subscription, and for what cannot be read.</summary>
    public static bool TryReadBilled(ReadOnlySpan<byte> bytes, out (string TenantPath, string Subscription, long AcceptedMicros, long SizeBytes) billed)
    {
        var from = new FactsReader(bytes);
        var known = from.Byte() == Version;
        var flags = (MessageFlags)from.Byte();
        var accepted = from.Number();
        var size = from.Number();
        billed = (from.Text(), from.Text(), accepted, size);
        return known && !from.Failed && !flags.HasFlag(MessageFlags.Report) && billed.Subscription.Length > 0;
    }

    private static string[] ReadRecipients(ref FactsReader from)
    {
        var recipients = new string[from.Count()];
        for (var i = 0; i < recipients.Length; i++)
        {
            recipients[i] = from.Text();
        }

        return recipients;
    }
}
