using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Core.Identity.SignIn;

/// <summary>How long sessions and one-time links live.</summary>
public sealed record SessionOptions
{
    /// <summary>A session not used for so long has ended.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan Idle { get; init; } = TimeSpan.FromHours(12);

    /// <summary>A session ends after so long, used or not.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "90.00:00:00")]
    public TimeSpan Absolute { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long a link to set a password may be used.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "7.00:00:00")]
    public TimeSpan Link { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long a one-time code may be given after the password was right.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "00:30:00")]
    public TimeSpan CodeWait { get; init; } = TimeSpan.FromMinutes(5);
}
