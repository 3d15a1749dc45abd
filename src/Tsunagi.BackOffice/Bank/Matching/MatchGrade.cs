namespace Tsunagi.BackOffice.Bank.Matching;

public enum MatchGrade
{
    /// <summary>Nothing fits: a person decides.</summary>
    None,

    /// <summary>One answer fits best: a person confirms.</summary>
    Probable,

    /// <summary>Payer and amount leave one answer: it may be booked by itself.</summary>
    Exact,
}
