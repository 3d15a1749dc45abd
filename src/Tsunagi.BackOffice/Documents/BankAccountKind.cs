namespace Tsunagi.BackOffice.Documents;

/// <summary>預金種目, with the code of the Zengin records.</summary>
public enum BankAccountKind
{
    /// <summary>普通預金</summary>
    Ordinary = 1,

    /// <summary>当座預金</summary>
    Current = 2,

    /// <summary>貯蓄預金</summary>
    Savings = 4,
}
