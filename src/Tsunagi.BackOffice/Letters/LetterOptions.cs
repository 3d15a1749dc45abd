using System.ComponentModel.DataAnnotations;

namespace Tsunagi.BackOffice.Letters;

/// <summary>How letters to customers go out: by mail through a relay.</summary>
public sealed record LetterOptions
{
    /// <summary>The relay, "mail.provider.example:25"; without one letters wait for a person to deliver them. A relay in a private network must be in outbound.allow.</summary>
    [RegularExpression(@"(\S{1,253}:[0-9]{1,5})?")]
    public string Relay { get; init; } = "";

    /// <summary>The sender's address; without it that of the issuer.</summary>
    [MaxLength(254)]
    public string From { get; init; } = "";

    /// <summary>How the program names itself to the relay (EHLO).</summary>
    [RegularExpression("[A-Za-z0-9.-]{1,253}")]
    public string HostName { get; init; } = "localhost";

    /// <summary>True: a relay without STARTTLS and a good certificate gets nothing. False: TLS is used where it is offered.</summary>
    public bool RequireTls { get; init; }

    /// <summary>For each reply of the relay.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan ReplyDeadline { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long after a try that failed the next one is.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How many tries there are before a letter is left to a person.</summary>
    [Range(1, 1_000)]
    public int MostTries { get; init; } = 200;
}
