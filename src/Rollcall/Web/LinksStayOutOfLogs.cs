using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// The paths of some pages are secrets: who has an invitation's link has the invitation. Below Warning the framework
/// writes paths, arguments and redirects in many places, so no setting of any log turns that on.
/// </summary>
internal sealed class LinksStayOutOfLogs : IPostConfigureOptions<LoggerFilterOptions>
{
    private const string Framework = "Microsoft.AspNetCore.";

    /// <summary>
    /// Puts the path around every line that is logged during a request, as a scope, if any of its levels is on.
    /// </summary>
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Reports what happens to the keys, and knows no request.</summary>
    private const string Keys = "Microsoft.AspNetCore.DataProtection";

    /// <summary>
    /// Every rule is wrapped, because the most specific one decides alone: one for a single log counts more than one
    /// for all.
    /// </summary>
    public void PostConfigure(string? name, LoggerFilterOptions options)
    {
        LoggerFilterRule[] rules = [new(null, null, options.MinLevel, null), .. options.Rules];
        options.Rules.Clear();
        foreach (var rule in rules)
        {
            options.Rules.Add(
                new(
                    rule.ProviderName,
                    rule.CategoryName,
                    rule.LogLevel,
                    (provider, category, level) =>
                        MayBeWritten(category ?? "", level)
                        && rule.Filter?.Invoke(provider, category, level) is not false
                )
            );
        }
    }

    private static bool MayBeWritten(string category, LogLevel level) =>
        category != Requests
        && (
            level >= LogLevel.Warning
            || !category.StartsWith(Framework, StringComparison.Ordinal)
            || category.StartsWith(Keys, StringComparison.Ordinal)
        );
}
