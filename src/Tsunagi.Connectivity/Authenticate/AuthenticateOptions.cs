using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Connectivity.Authenticate;

/// <summary>Where Access-Requests come in, and how they are answered.</summary>
public sealed record AuthenticateOptions
{
    /// <summary>"address:port" of each socket (1812 by the standard); none answers nothing.</summary>
    [MaxLength(16)]
    public IReadOnlyList<string> Listen { get; init; } = [];

    /// <summary>Threads that answer at each address; the kernel spreads the NASes over them.</summary>
    [Range(1, 64)]
    public int Threads { get; init; } = 2;

    /// <summary>What the kernel may keep for each socket while the program is busy.</summary>
    [Range(64 * 1024, 1 << 30)]
    public int ReceiveBufferBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long an answer is kept for the same request coming again (RFC 5080 section 2.2.2: 5 to 30 seconds).</summary>
    [Range(typeof(TimeSpan), "00:00:05", "00:00:30")]
    public TimeSpan AnswersKept { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many answers are kept at the most; beyond that the oldest half goes.</summary>
    [Range(1_024, 10_000_000)]
    public int MostAnswersKept { get; init; } = 200_000;

    /// <summary>Acct-Interim-Interval of a line whose plan says none; 0 leaves it out.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "24:00:00")]
    public TimeSpan InterimInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Wrong passwords of one line from one station within a minute; what comes after is rejected unlooked at until the minute is over.</summary>
    [Range(1, 10_000)]
    public int GuessesPerMinute { get; init; } = 10;

    /// <summary>Requests whose passwords are kept in a form that is slow to check (crypt), waiting their turn; one more is not answered.</summary>
    [Range(1, 100_000)]
    public int MostWaitingForCrypt { get; init; } = 1_000;

    /// <summary>Rejects kept to be looked at: of each line so many, and of names without a line ten times so many.</summary>
    [Range(1, 100)]
    public int RejectsKept { get; init; } = 10;

    /// <summary>A line's rejects are told as one event in so long.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "24:00:00")]
    public TimeSpan RejectEventEvery { get; init; } = TimeSpan.FromMinutes(10);
}
