namespace Tsunagi.BackOffice.Orders;

/// <summary>What an item of a quote or order does with a subscription (TMF622).</summary>
public enum OrderAction
{
    /// <summary>Takes a new one.</summary>
    Add,

    /// <summary>Changes quantity, settings, prices or the minimum term of one that runs.</summary>
    Modify,

    /// <summary>Ends one.</summary>
    Delete,
}
