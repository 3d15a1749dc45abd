using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.WhatIf;

/// <summary>How much work a question about past mail may make.</summary>
public sealed record WhatIfOptions
{
    /// <summary>Past messages judged anew for one question, the newest first; the answer says when there were more.</summary>
    [Range(1, 10_000_000)]
    public int MaxMessages { get; init; } = 100_000;

    /// <summary>Questions that a node works on at once; one more is asked to come again.</summary>
    [Range(1, 100)]
    public int Together { get; init; } = 4;

    /// <summary>A question of the console that nobody looks at for so long is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan UnwatchedFor { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a console's answer is kept after it was last looked at.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "24:00:00")]
    public TimeSpan KeepAnswers { get; init; } = TimeSpan.FromMinutes(30);
}
