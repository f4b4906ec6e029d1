using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Rollcall.Web;

/// <summary>
/// Keeps URLs out of logs. Some are secrets: anyone with an invitation's link can use it. Below Warning the framework
/// logs paths, arguments and redirects in many places, so no log setting turns that on.
/// </summary>
internal sealed class LinksStayOutOfLogs : IPostConfigureOptions<LoggerFilterOptions>
{
    private const string Framework = "Microsoft.AspNetCore.";

    /// <summary>
    /// Adds the path to every line logged during a request, as a scope, if any of its levels is enabled.
    /// </summary>
    private const string Requests = "Microsoft.AspNetCore.Hosting.Diagnostics";

    /// <summary>Logs key events outside of requests, so it has no URLs.</summary>
    private const string Keys = "Microsoft.AspNetCore.DataProtection";

    /// <summary>
    /// Wraps every rule, because only the most specific one applies: a rule for one logger overrides one for all.
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
