namespace Tsunagi.Core.Logs;

/// <summary>What a log tells its owner, who makes events of it. Called on any thread; must not block.</summary>
public sealed record LogNotices
{
    public static readonly LogNotices None = new();

    public Action<LogLoss> Lost { get; init; } = static _ => { };

    /// <summary>A consumer was dropped at its lag limit: its name, where it stood, and the lag in bytes.</summary>
    public Action<string, LogPosition, long> ConsumerDropped { get; init; } = static (_, _, _) => { };

    /// <summary>The body of this item is gone or damaged; reading it throws <see cref="SpoolBodyLostException"/>.</summary>
    public Action<SpoolId> BodyLost { get; init; } = static _ => { };
}
