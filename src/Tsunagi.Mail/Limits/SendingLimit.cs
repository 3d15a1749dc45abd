namespace Tsunagi.Mail.Limits;

/// <summary>How much may be sent. What is left out the next wider scope says; 0 for no limit.</summary>
public sealed record SendingLimit
{
    /// <summary>The highest figure that can be asked for.</summary>
    public const int Most = 100_000_000;

    public int? MessagesPerHour { get; init; }

    public int? MessagesPerDay { get; init; }

    public int? RecipientsPerHour { get; init; }

    public int? RecipientsPerDay { get; init; }

    /// <summary>True when it says nothing.</summary>
    internal bool IsEmpty => this == Nothing;

    internal static SendingLimit Nothing { get; } = new();

    internal IEnumerable<(string Field, int? Most)> Fields() =>
        [("messagesPerHour", MessagesPerHour), ("messagesPerDay", MessagesPerDay), ("recipientsPerHour", RecipientsPerHour), ("recipientsPerDay", RecipientsPerDay)];

    /// <summary>This where it says something, else the wider one.</summary>
    internal SendingLimit Over(SendingLimit wider) => new()
    {
        MessagesPerHour = MessagesPerHour ?? wider.MessagesPerHour,
        MessagesPerDay = MessagesPerDay ?? wider.MessagesPerDay,
        RecipientsPerHour = RecipientsPerHour ?? wider.RecipientsPerHour,
        RecipientsPerDay = RecipientsPerDay ?? wider.RecipientsPerDay,
    };

    /// <summary>The first field that allows more than another limit that says everything does; null when none.</summary>
    internal (string Field, int Most)? Beyond(SendingLimit most)
    {
        foreach (var ((field, wanted), (_, allowed)) in Fields().Zip(most.Fields()))
        {
            if (wanted is { } asked && allowed is > 0 and var limit && (asked == 0 || asked > limit))
            {
                return (field, limit);
            }
        }

        return null;
    }

    /// <summary>The wider of both, field by field; no limit is the widest. What one of them does not say, the other says.</summary>
    internal SendingLimit OrWider(SendingLimit other) => new()
    {
        MessagesPerHour = Wider(MessagesPerHour, other.MessagesPerHour),
        MessagesPerDay = Wider(MessagesPerDay, other.MessagesPerDay),
        RecipientsPerHour = Wider(RecipientsPerHour, other.RecipientsPerHour),
        RecipientsPerDay = Wider(RecipientsPerDay, other.RecipientsPerDay),
    };

    private static int? Wider(int? one, int? other) => one is null || other is null ? one ?? other : one == 0 || other == 0 ? 0 : Math.Max(one.Value, other.Value);
}
