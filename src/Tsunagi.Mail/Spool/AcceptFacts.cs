namespace Tsunagi.Mail.Spool;

/// <summary>
/// What was known of a message when it was accepted: the first record of its life in the spool, and the source of its trace, its events, its
/// meters and its delivery after a restart. Facts and envelope only; of the content no more than what people search by.
/// </summary>
internal sealed record AcceptFacts
{
    /// <summary>Most octets of <see cref="Evidence"/>: a record is read whole at every start.</summary>
    public const int MaxEvidenceBytes = 16 * 1024;

    /// <summary>Most octets of <see cref="Added"/>.</summary>
    public const int MaxAddedBytes = 4 * 1024;

    // Version 1 had no verdict: neither Hold nor Added nor Evidence. Version 2 did not say who handed it in. Version 3 knew no mail that waits before it leaves.
    private const byte Version = 4;
    private const byte VersionWithoutPending = 3;
    private const byte VersionWithoutSubmitter = 2;
    private const byte VersionWithoutVerdict = 1;

    public required long AcceptedMicros { get; init; }

    public required MessageFlags Flags { get; init; }

    public required string TenantPath { get; init; }

    public required string Subscription { get; init; }

    /// <summary>Empty for the null reverse-path.</summary>
    public required string ReversePath { get; init; }

    public required IReadOnlyList<string> Recipients { get; init; }

    /// <summary>Size of the content as it is handed on: as stored, our own trace header included, and what is <see cref="Added"/>.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The quarantine that keeps it, or none.</summary>
    public HoldClass Hold { get; init; }

    /// <summary>Header fields, each with its CRLF, that stand before the stored content wherever it is handed on or shown. The stored body is never edited.</summary>
    public string Added { get; init; } = "";

    /// <summary>The verdict with everything it rests on, as <c>Verdict</c> writes it; empty where nothing was checked.</summary>
    public ReadOnlyMemory<byte> Evidence { get; init; }

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

    /// <summary>The name of the credential it was handed in by; empty for mail that was brought or sent by a listed server.</summary>
    public string SubmittedBy { get; init; } = "";

    /// <summary>Until when its sender may take it back, for all its recipients; 0 for mail that leaves at once.</summary>
    public long PendingUntilMicros { get; init; }

    /// <summary>The sender is told that it waits.</summary>
    public bool TellsSender { get; init; }

    /// <summary>For each recipient whose domain looks like a mistake the domain that was probably meant, else an empty text. Empty when nothing waits.</summary>
    public IReadOnlyList<string> Doubts { get; init; } = [];

    public void Write(FactsWriter to)
    {
        to.Byte(Version);
        to.Byte((byte)Flags);
        to.Number(AcceptedMicros);
        to.Number(SizeBytes);
        to.Text(TenantPath);
        to.Text(Subscription);
        to.Byte((byte)Hold);
        to.Text(Added);
        to.Utf8(Evidence.Span);
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

        to.Text(SubmittedBy);
        to.Number(PendingUntilMicros);
        to.Byte(TellsSender ? (byte)1 : (byte)0);
        to.Number(Doubts.Count);
        for (var i = 0; i < Doubts.Count; i++)
        {
            to.Text(Doubts[i]);
        }
    }

    /// <summary>False when the bytes are not accept facts of a version this program knows.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out AcceptFacts facts)
    {
        var from = new FactsReader(bytes);
        var version = from.Byte();
        var judged = version is Version or VersionWithoutPending or VersionWithoutSubmitter;
        facts = new AcceptFacts
        {
            Flags = (MessageFlags)from.Byte(),
            AcceptedMicros = from.Number(),
            SizeBytes = from.Number(),
            TenantPath = from.Text(),
            Subscription = from.Text(),
            Hold = judged ? (HoldClass)from.Byte() : HoldClass.None,
            Added = judged ? from.Text() : "",
            Evidence = judged ? from.Utf8().ToArray() : default,
            ReversePath = from.Text(),
            ClientAddress = from.Text(),
            Helo = from.Text(),
            Tls = from.Text(),
            Transaction = from.Text(),
            About = from.Text(),
            MessageIdHeader = from.Text(),
            Subject = from.Text(),
            FromDomain = from.Text(),
            Recipients = ReadTexts(ref from),
            SubmittedBy = version is Version or VersionWithoutPending ? from.Text() : "",
            PendingUntilMicros = version == Version ? from.Number() : 0,
            TellsSender = version == Version && from.Byte() != 0,
            Doubts = version == Version ? ReadTexts(ref from) : [],
        };
        return version is Version or VersionWithoutPending or VersionWithoutSubmitter or VersionWithoutVerdict && !from.Failed;
    }

    /// <summary>The octets of <see cref="Added"/> alone; empty for what cannot be read. For every delivery: it makes no text of the rest.</summary>
    public static byte[] AddedOf(ReadOnlySpan<byte> bytes)
    {
        var from = new FactsReader(bytes);
        if (from.Byte() is not (Version or VersionWithoutPending or VersionWithoutSubmitter))
        {
            return [];
        }

        from.Byte();
        from.Number();
        from.Number();
        from.Utf8();
        from.Utf8();
        from.Byte();
        var added = from.Utf8();
        return from.Failed || added.IsEmpty ? [] : added.ToArray();
    }

    /// <summary>Reads what meters need and no more. False for reports, for what was held and released, for mail of no subscription, and for what cannot be read.</summary>
    public static bool TryReadBilled(ReadOnlySpan<byte> bytes, out (string TenantPath, string Subscription, long AcceptedMicros, long SizeBytes) billed)
    {
        var from = new FactsReader(bytes);
        var known = from.Byte() is Version or VersionWithoutPending or VersionWithoutSubmitter or VersionWithoutVerdict;
        var flags = (MessageFlags)from.Byte();
        var accepted = from.Number();
        var size = from.Number();
        billed = (from.Text(), from.Text(), accepted, size);
        return known && !from.Failed && (flags & (MessageFlags.Report | MessageFlags.Released)) == MessageFlags.None && billed.Subscription.Length > 0;
    }

    private static string[] ReadTexts(ref FactsReader from)
    {
        var texts = new string[from.Count()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = from.Text();
        }

        return texts;
    }
}
