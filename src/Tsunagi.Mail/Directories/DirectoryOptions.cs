using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Directories;

/// <summary>How customers' directories are read. Which ones is the customers' own.</summary>
public sealed record DirectoryOptions
{
    /// <summary>How often it is looked which directories are due.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Wait for a connection, and for each answer.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan AnswerDeadline { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Wait for a whole directory.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan Deadline { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Directories read at once.</summary>
    [Range(1, 64)]
    public int AtOnce { get; init; } = 4;
}
