namespace Tsunagi.BackOffice.Orders;

/// <summary>The states of a quote. A draft is the provider's alone; a sent one waits for the customer until its last day is over.</summary>
public static class QuoteState
{
    public const string Draft = "draft", Sent = "sent", Accepted = "accepted", Rejected = "rejected", Expired = "expired";

    public static readonly IReadOnlyList<string> All = [Draft, Sent, Accepted, Rejected, Expired];
}
