using Tsunagi.Core.Outcomes;

namespace Tsunagi.Core.Catalogue;

/// <summary>A settings record with rules that attributes cannot say (a host and port, a list without repeats).</summary>
public interface ICheckedSettings
{
    /// <summary>Null when all is well; else the member ("settings.nextHop") and what is allowed.</summary>
    Refusal? Check();
}
