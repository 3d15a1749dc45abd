namespace Tsunagi.Protocols.Mail.Dsn;

/// <summary>The sentences of a notice in one language. A second language is another record of this type, put behind the first.</summary>
public sealed record DsnText
{
    /// <summary>Subject of a notice that all recipients failed or some did.</summary>
    public required string FailedSubject { get; init; }

    /// <summary>Subject of a notice of delay.</summary>
    public required string DelayedSubject { get; init; }

    /// <summary>Subject of a notice of success.</summary>
    public required string DeliveredSubject { get; init; }

    /// <summary>First line; {0} is the reporting host.</summary>
    public required string Greeting { get; init; }

    /// <summary>Before the recipients that failed.</summary>
    public required string Failed { get; init; }

    /// <summary>Before the recipients that are tried further.</summary>
    public required string Delayed { get; init; }

    /// <summary>Before the recipients that were reached.</summary>
    public required string Delivered { get; init; }

    /// <summary>What a host said; {0} is the host, {1} its reply.</summary>
    public required string RemoteSaid { get; init; }

    /// <summary>Until when it is tried; {0} is the time.</summary>
    public required string RetriedUntil { get; init; }

    /// <summary>What the reader can do, below a failure.</summary>
    public required string FailedAdvice { get; init; }

    /// <summary>What the reader need not do, below a delay.</summary>
    public required string DelayedAdvice { get; init; }

    /// <summary>English.</summary>
    public static DsnText English { get; } = new()
    {
        FailedSubject = "Undelivered mail returned to sender",
        DelayedSubject = "Delayed mail (still being tried)",
        DeliveredSubject = "Delivered mail",
        Greeting = "This is the mail system at {0}.",
        Failed = "Your message could not be delivered to:",
        Delayed = "Your message could not yet be delivered to:",
        Delivered = "Your message was delivered to:",
        RemoteSaid = "{0} said: {1}",
        RetriedUntil = "It will be tried until {0}.",
        FailedAdvice = "It will not be tried again. Please check the addresses; if you need help, give this notice to your postmaster.",
        DelayedAdvice = "You need not send it again.",
    };

    /// <summary>Japanese.</summary>
    public static DsnText Japanese { get; } = new()
    {
        FailedSubject = "メールを配達できませんでした",
        DelayedSubject = "メールの配達が遅れています",
        DeliveredSubject = "メールを配達しました",
        Greeting = "{0} のメールシステムからのお知らせです。",
        Failed = "次の宛先にメールを配達できませんでした。",
        Delayed = "次の宛先にメールをまだ配達できていません。",
        Delivered = "次の宛先にメールを配達しました。",
        RemoteSaid = "{0} の応答: {1}",
        RetriedUntil = "{0} まで再送を続けます。",
        FailedAdvice = "再送は行いません。宛先をご確認ください。ご不明な点は、このお知らせを添えてメール管理者にお問い合わせください。",
        DelayedAdvice = "メールを送り直す必要はありません。",
    };
}
