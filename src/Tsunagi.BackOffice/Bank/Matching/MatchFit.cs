namespace Tsunagi.BackOffice.Bank.Matching;

/// <summary>How the amount fits what is open.</summary>
public enum MatchFit
{
    /// <summary>No allocation.</summary>
    None,

    /// <summary>One invoice, to the yen.</summary>
    One,

    /// <summary>Several invoices together, to the yen, and no other combination.</summary>
    Several,

    /// <summary>Several combinations give the amount; the one with the oldest invoices is proposed.</summary>
    OneOfMany,

    /// <summary>Short by a fee that banks take.</summary>
    ShortByFee,

    /// <summary>Less than is open: the oldest are paid as far as it goes.</summary>
    Partial,

    /// <summary>More than is open: the rest is credit.</summary>
    Over,
}
