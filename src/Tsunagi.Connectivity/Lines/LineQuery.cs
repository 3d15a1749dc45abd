namespace Tsunagi.Connectivity.Lines;

/// <summary>Which lines, in which order, after which one.</summary>
/// <param name="Text">A part of a user name, circuit id or name; an id; a fixed address.</param>
/// <param name="After">Where the page before ended (<see cref="PlaceOf"/>), or empty.</param>
internal sealed record LineQuery(string Text = "", string State = "", string Tenant = "", string Subscription = "", LineOrder Order = LineOrder.Newest, string After = "")
{
    private const char Between = '\n';

    public string PlaceOf(LineRow row) => Order == LineOrder.Newest ? row.Id : row.UserName + Between + row.Id;

    public (string Name, string Id) Place() => After.LastIndexOf(Between) is >= 0 and var at ? (After[..at], After[(at + 1)..]) : ("", After);
}

/// <summary>Orders of the list.</summary>
internal enum LineOrder
{
    Newest,
    Name,
    NameDescending,
}
