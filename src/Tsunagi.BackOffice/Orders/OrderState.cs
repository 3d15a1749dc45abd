namespace Tsunagi.BackOffice.Orders;

/// <summary>The states of an order and of its items (TMF622).</summary>
public static class OrderState
{
    /// <summary>It waits for its day, or for the next look.</summary>
    public const string Acknowledged = "acknowledged";

    /// <summary>Some items are done, some wait.</summary>
    public const string InProgress = "inProgress";

    public const string Completed = "completed";

    /// <summary>Nothing waits any more; some items are done, some were cancelled.</summary>
    public const string Partial = "partial";

    /// <summary>Something could not be done and waits for a person.</summary>
    public const string Failed = "failed";

    public const string Cancelled = "cancelled";

    public static readonly IReadOnlyList<string> All = [Acknowledged, InProgress, Completed, Partial, Failed, Cancelled];

    /// <summary>What an order is by its items.</summary>
    public static string Of(IReadOnlyCollection<string> items)
    {
        bool Any(string state) => items.Contains(state);
        return Any(Failed) ? Failed
            : Any(Acknowledged) ? (Any(Completed) ? InProgress : Acknowledged)
            : !Any(Completed) ? Cancelled
            : Any(Cancelled) ? Partial : Completed;
    }
}
