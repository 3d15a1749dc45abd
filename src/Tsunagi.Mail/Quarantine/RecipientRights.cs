using Tsunagi.Mail.Contract;

namespace Tsunagi.Mail.Quarantine;

/// <summary>What a recipient may do with a copy of the own, by its class and the contract. Malware and what a rule keeps is never theirs to release.</summary>
internal static class RecipientRights
{
    public static bool MayRelease(QuarantineSettings settings, string heldClass) => settings.Recipients == RecipientActs.Release && heldClass == HeldClass.Spam;

    public static bool MayRequest(QuarantineSettings settings, string heldClass) =>
        settings.Recipients != RecipientActs.Look && heldClass != HeldClass.Virus && !MayRelease(settings, heldClass);

    /// <summary>What they may release they may also say to be spam or none: it moves their tenant's own model.</summary>
    public static bool MayTeach(QuarantineSettings settings, string heldClass) => MayRelease(settings, heldClass);

    public static bool MayDelete(QuarantineSettings settings) => settings.Recipients != RecipientActs.Look;
}
