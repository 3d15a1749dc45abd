using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Signing;

/// <summary>How the keys of outgoing mail's signatures are kept. Whose mail is signed is the contract's (GatewaySettings.Signing).</summary>
public sealed record SigningOptions
{
    /// <summary>How often it is looked whether new keys are published, or old ones are to be followed by new ones.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "24:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often the published record of a key in use is looked at; one that is missing is looked at as often as new ones.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan CheckEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long keys are in use before the next are made. They take over once they are published.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan RotateAfter { get; init; } = TimeSpan.FromDays(180);

    /// <summary>How long the record of a key that signs no more is to stay published: mail that it signed is still under way, or looked at late.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "365.00:00:00")]
    public TimeSpan KeepPublished { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Wait for the answer about one record.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan DnsDeadline { get; init; } = TimeSpan.FromSeconds(5);
}
